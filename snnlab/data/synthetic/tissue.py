"""What synthetic tissue is made of: every number that the generator uses.

Defaults imitate the ISBI 2012 sections (ventral nerve cord of a *Drosophila*
larva, serial-section TEM, 4 nm a pixel; Cardona et al. 2010, PLoS Biol 8(10):
e1000502) and were fitted to their grey histogram, autocorrelation, and grey
profile across a membrane.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tissue:
    """Parameters of synthetic EM.

    Lengths are pixels of 4 nm. A *density* is optical: grey is multiplied by
    ``exp(-density)``. A *rate* is the expected number in 512 x 512 pixels. A
    *spread* is the standard deviation of a logarithm.

    Attributes
    ----------
    largest, smallest : float
        Radius of the largest and smallest cell profiles that are packed (px).
    neuropil, neuropil_scale, neuropil_spread : float
        Typical radius of the largest profile that a place admits (px), how far
        such places extend (px), and how much they differ (spread).
    stretch : float
        Elongation of profiles: typical logarithm of their aspect ratio.
    merge : float
        Share of profiles that join a neighbour: bent and lobed cells.
    warp : tuple of (float, float)
        Displacement of outlines: (scale, amplitude), px each.
    width, width_spread : float
        Half the width of a labelled membrane (px) and its variation (spread).
    thick : float
        Extra half-width where several membranes meet (px).
    patches, patch_radius : float
        Dark extracellular or glial patches, labelled membrane: rate, radius (px).
    line, line_density : float
        Standard deviation of a membrane's grey profile (px), and its density.
    oblique, smear, smear_density : float
        Share of the area where membranes are cut obliquely, length of the grey
        smear beside them (px), its density.
    cytoplasm : float
        Density of cells' cytoplasm: standard deviation between cells.
    dark_cells, dark_density : float
        Share of cells with dark cytoplasm, and how much denser it is.
    grain : tuple of (float, float)
        Texture inside cells: (scale in px, density).
    mitochondria, mitochondrion_radius : float
        Rate, typical minor radius (px).
    mitochondrion_long : float
        How much longer than wide a mitochondrion is at most.
    matrix, cristae : float
        How dark their insides and their cristae are, against those of the ISBI sections.
    rim : float
        Density of their two membranes.
    crista : float
        Distance between cristae (px).
    microtubules, vesicles, granules, dense_cores : float
        Rates of cross-cut microtubules (24 nm), clear vesicles (40 nm),
        ribosome-like grains (about 10 nm), and dense-core vesicles.
    clusters : float
        Rate of vesicle clusters, each with a T-bar synapse.
    bundles : float
        Share of cells with microtubules cut lengthwise.
    reticulum : float
        Density of endoplasmic reticulum's membranes.
    specks, holes : float
        Rates of black precipitate specks and of bright holes.
    focus : float
        Blur of the whole image (px).
    grey, grey_spread : float
        Grey of clear cytoplasm, 0..1, its standard deviation between sections.
    shot, shot_spread : float
        Noise at that grey (its variance is proportional to grey); spread
        between sections.
    shot_blur : float
        Blur of the noise by scanning and resampling (px).
    shading, shading_scale : float
        Standard deviation of uneven exposure (grey), its extent (px).
    """

    largest: float = 84.0
    smallest: float = 8.5
    neuropil: float = 48.0
    neuropil_scale: float = 150.0
    neuropil_spread: float = 0.7
    stretch: float = 0.45
    merge: float = 0.3
    warp: tuple[tuple[float, float], ...] = ((90.0, 14.0), (36.0, 6.5), (15.0, 2.0), (8.0, 0.6))
    width: float = 2.75
    width_spread: float = 0.2
    thick: float = 1.2
    patches: float = 6.0
    patch_radius: float = 9.0
    line: float = 1.8
    line_density: float = 0.94
    oblique: float = 0.22
    smear: float = 9.0
    smear_density: float = 0.55
    cytoplasm: float = 0.06
    dark_cells: float = 0.12
    dark_density: float = 0.18
    grain: tuple[tuple[float, float], ...] = (
        (2.4, 0.055),
        (4.5, 0.055),
        (11.0, 0.042),
        (26.0, 0.042),
    )
    mitochondria: float = 5.5
    mitochondrion_radius: float = 28.0
    mitochondrion_long: float = 2.2
    matrix: float = 1.0
    cristae: float = 1.0
    rim: float = 0.28
    crista: float = 7.0
    microtubules: float = 360.0
    vesicles: float = 170.0
    granules: float = 4000.0
    dense_cores: float = 24.0
    clusters: float = 3.0
    bundles: float = 0.18
    reticulum: float = 0.3
    specks: float = 3.0
    holes: float = 0.3
    focus: float = 0.55
    grey: float = 0.64
    grey_spread: float = 0.03
    shot: float = 0.076
    shot_spread: float = 0.28
    shot_blur: float = 0.75
    shading: float = 0.006
    shading_scale: float = 220.0


# Mouse hippocampus as a focused ion beam shows it (FIB-SEM; pixels are to be taken for 5 nm):
# larger profiles, thinner and paler membranes, less noise, large dark mitochondria. Made by eye,
# and until the shipped detector was sure of most of them: an imitation, fitted to no statistics.
MOUSE = Tissue(
    largest=150.0,
    smallest=10.0,
    neuropil=80.0,
    stretch=0.5,
    width=1.9,
    thick=0.8,
    patches=1.5,
    patch_radius=6.0,
    line=1.5,
    line_density=0.65,
    oblique=0.3,
    smear=7.0,
    smear_density=0.35,
    cytoplasm=0.04,
    dark_cells=0.08,
    dark_density=0.1,
    grain=((2.4, 0.05), (4.5, 0.06), (11.0, 0.05), (26.0, 0.04)),
    mitochondria=10.0,
    mitochondrion_radius=27.0,
    mitochondrion_long=2.8,
    matrix=0.95,
    cristae=0.75,
    rim=0.45,
    crista=6.5,
    microtubules=40.0,
    vesicles=120.0,
    granules=1500.0,
    dense_cores=45.0,
    clusters=2.0,
    bundles=0.1,
    reticulum=0.35,
    specks=0.0,
    holes=0.0,
    focus=0.9,
    grey=0.66,
    grey_spread=0.0,
    shot=0.035,
    shot_spread=0.0,
    shot_blur=0.8,
)
