"""What the page Methods says of each: a paragraph, its equation, what to see in its picture."""

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """A method in words.

    Attributes
    ----------
    name : str
        In the registry of methods.
    title : str
    text : str
        A paragraph for a student.
    equation : str
        LaTeX.
    where : str
        What its symbols are.
    drawing : str
        Its picture; see `snnlab.studies.methods.drawn`.
    look_for : str
        In the picture.
    loihi : str
        Whether Loihi 1 can run it.
    source : str
        Where it is from.
    second : tuple of str or None
        Another picture, and what to look for in it.
    """

    name: str
    title: str
    text: str
    equation: str
    where: str
    drawing: str
    look_for: str
    loihi: str
    source: str
    second: tuple[str, str] | None = None


ABOUT = (
    About(
        "rate-scaling",
        "Scaling of firing rates",
        "A neuron with a linear rate curve does not care about the unit of its activation. So each"
        " layer's input is multiplied by a rate, and each of its spikes counts one over that rate:"
        " the function stays the same, and only how often neurons fire is chosen, so that a"
        " percentile of the rates lies between two bounds. Nothing has to be trained. High rates"
        " tell a number in few steps; low rates save spikes.",
        r"\begin{gathered} s_l = f_l\,\frac{\min(\max(r_l, r_{\min}), r_{\max})}{r_l} \\"
        r" J_l = s_l \Big(W_l\,\tfrac{\text{spikes}_{l-1}}{s_{l-1}} + b_l\Big) \end{gathered}",
        "$r_l$ is the percentile of the layer's rates on the training sections at its trained rate"
        " $f_l$ (Hz for an activation of 1); $s_l$ the rate in use.",
        "rate-scaling",
        "**Rungs.** At 125 Hz, 32 steps hold at most four spikes, so there are only five values;"
        " at 1000 Hz there are 33, but none above one spike per step.",
        "**Yes, with reset to zero** and low rates, where its stepped curve is nearly straight."
        " With reset by subtraction, as here, no.",
        "NengoDL's Converter (`scale_firing_rates`); Patel et al. (2021), arXiv:2106.08921.",
    ),
    About(
        "data-normalisation",
        "Data-based normalisation",
        "One spike per step is the highest rate there is, so it should stand for the largest"
        " activation that matters: a high percentile of the layer's non-zero activations, which"
        " leaves a few outliers to be clipped. Weights are rescaled once, each branch of a skip by"
        " the factor of its own source. Where the net pools, gates pass the spikes of the input"
        " that has spiked most; where it has two classes, the softmax is taken over what the"
        " output neurons have added up. The image comes in as a constant current, or as random"
        " spikes.",
        r"\begin{gathered} W_l \leftarrow W_l\,\frac{\lambda_{l-1}}{\lambda_l},\qquad"
        r" b_l \leftarrow \frac{b_l}{\lambda_l} \\"
        r" \text{rate} = \begin{cases} z \pm 1/T & \text{by subtraction}\\"
        r" 1/\lceil 1/z \rceil & \text{to zero}\end{cases} \end{gathered}",
        r"$\lambda_l$ is the percentile, $z$ the activation over $\lambda_l$, $T$ the timesteps.",
        "data-normalisation",
        "**Grey stays below the dashed line, however long it runs**: what a reset to zero throws"
        " away is lost. Green ends where everything above the percentile is clipped.",
        "**With reset to zero, yes**, with that error; by subtraction, with gates, no.",
        "Rueckauer et al. (2016), arXiv:1612.04052; (2017), 10.3389/fnins.2017.00682.",
        (
            "poisson",
            "**Random spikes scatter** around the dashed line, by some $1/\\sqrt{T}$; the same"
            " grey value as a current is exact to within a rung. So random input needs far more"
            " steps.",
        ),
    ),
    About(
        "spiking-softmax",
        "Spiking softmax",
        "For nets with two classes: *data-normalisation* is followed by two neurons per pixel,"
        " which add up their input. In each step one spike is sent for the pixel, and one of the"
        " two gets it, drawn with the softmax of their mean input so far. The picture is the share"
        " of the spikes that the class *cell* got. One draw is shared by both classes; SNNtoolbox"
        " draws each class by itself, so both may spike in a step, or none.",
        r"P(\text{class } c) = \frac{e^{\bar u_c}}{\sum_k e^{\bar u_k}}",
        r"$\bar u_c$ is the mean input of class $c$ so far.",
        "poisson",
        "**Drawing scatters**, here of the input's spikes and there of the output's in the same"
        " way: by one over the root of the number of steps.",
        "**No:** random draws, and max-pooling gates where the net has them.",
        "Rueckauer et al. (2017), 10.3389/fnins.2017.00682.",
    ),
    About(
        "ecc",
        "Explicit current control",
        "Here the *largest* activation seen becomes one spike per step, so nothing is clipped;"
        " neurons begin at half a threshold, so that a count is rounded to the nearest instead of"
        " down; and batch norm's small constant is the same in training and in folding. Outliers"
        " set the scale, so most neurons fire rarely and many steps are needed. SpKeras computes"
        " the counts from a formula; here the net is run over time, and differs from the formula"
        " where input comes unevenly.",
        r"n_l = \operatorname{clip}\Big(\Big\lfloor \frac{\max(W n_{l-1} + bT, 0)"
        r" + V_{thr}/2}{V_{thr}} \Big\rfloor, 0, T\Big)",
        "$n_l$ are spike counts after $T$ steps: SpKeras's formula, in normalised weights.",
        "ecc",
        "**Green crosses the dashed line in the middle of each rung**, so its error is zero on"
        " average; grey lies below it everywhere.",
        "**No:** reset by subtraction. On Loihi 2, whose neurons are programs, it is possible.",
        "Wu, Yi, Huang (2021), arXiv:2103.00944; SpKeras.",
    ),
    About(
        "bistable",
        "Bistable neurons",
        "If excitation arrives before the inhibition that should have cancelled it, a neuron that"
        " should be silent spikes, and a spike cannot be taken back. Bistable neurons listen for a"
        " cycle and speak in the next one, so none speaks before it has heard everything. On the"
        " skips, synchronous neurons hold back the fast path until the slow one has caught up. A"
        " neuron says what it heard in binary, largest spike first. The price is delay: one cycle"
        " per layer before anything comes out at all.",
        r"\begin{gathered} \frac{a}{\lambda} = \sum_{k=0}^{K-1} \frac{2^{K-1-k}}{2^K - 1}\,"
        r"\text{spike}_k \\ T \ge (D + 1)\,K \end{gathered}",
        "A cycle has $K$ steps, and $D$ layers follow each other.",
        "bistable",
        "**Excitation first, inhibition last; twice the sum is negative, then twice positive.**"
        " The integrate-and-fire neuron spikes at once, wrongly. The bistable one stays silent. It"
        " tells the positive sums one cycle later, in spikes of several sizes, and takes the"
        " negative ones off the first.",
        "**No:** spikes with sizes, and neurons with a clock. On Loihi 2 both are possible.",
        "After Li, Zhao, Zeng (2022), 10.3389/fnins.2022.991851, from its description: its"
        " equations could not be read, and that a cycle is binary is this lab's choice.",
    ),
    About(
        "multi-threshold",
        "Several thresholds",
        "A neuron compares its potential with 2, 1, 1/2 and 1/4 of the threshold and sends a spike"
        " of the largest that it reaches. So a step tells more than yes or no, a potential that"
        " ran ahead is paid out twice as fast, and small amounts need not wait for a whole spike."
        " Each connection is normalised by itself. The paper fine-tunes afterwards; this lab does"
        " not.",
        r"\begin{gathered} g_t = \max\{g \in \{2, 1, \tfrac12, \tfrac14\} : v \ge g\} \\"
        r" v \leftarrow v - g_t \end{gathered}",
        r"The percentile $\lambda$ is one and a half thresholds per step, which is this lab's"
        r" choice.",
        "multi-threshold",
        "**Four steps each.** One threshold has five rungs; four thresholds have many, and reach"
        " beyond λ.",
        "**No:** spikes with sizes. Loihi 2 sends such spikes; what one costs is not published, so"
        " figures count a spike as one without a size.",
        "Li et al. (2024), Deep multi-threshold spiking-UNet, arXiv:2307.10974.",
    ),
    About(
        "spiking-unet",
        "Several thresholds, the authors' rule",
        "The public code of Spiking-UNet compares the potential with 2, 1, 1/2 and 1/4 of the"
        " threshold in turn and sends each that it is above, so one step may send all four sizes."
        " Potentials begin at zero, and the percentile is one threshold per step."
        " *multi-threshold* is this lab's own form of the idea, which sends only the largest. The"
        " authors fine-tune the weights afterwards; this lab does not.",
        r"\begin{gathered} \text{for } g = 2, 1, \tfrac12, \tfrac14: \\"
        r" v > g \;\Rightarrow\; \text{send } g,\; v \leftarrow v - g \end{gathered}",
        r"The percentile $\lambda$ is one threshold per step, as in the authors' code.",
        "spiking-unet",
        "**Green lies evenly below the dashed line**: potentials begin at zero, so sums are rounded"
        " down. Grey rounds to the nearest, but keeps for later what one spike cannot send.",
        "**No:** several spikes with sizes in one step. On Loihi 2 one spike could carry the sum.",
        "Li et al. (2024), arXiv:2307.10974; SNNresearch/Spiking-UNet, snn/spiking_neuron.py.",
    ),
    About(
        "qcfs",
        "Quantisation-clip-floor-shift",
        "Instead of making the spiking net follow the ANN, the ANN is trained to be what spikes can"
        " count: an activation with a few levels, a trained largest value λ and a shift of half a"
        " level. Neurons with threshold λ that begin at half of it count exactly that, if input"
        " comes evenly and there are as many steps as levels; with any other number the error is"
        " zero on average. It has weights of its own, so it is compared with its own ANN.",
        r"h(z) = \lambda \operatorname{clip}\Big(\frac{1}{L}\Big\lfloor \frac{zL}{\lambda}"
        r" + \frac12 \Big\rfloor, 0, 1\Big)",
        r"$\lambda$ is trained, one for each layer; $L$ is the number of levels.",
        "qcfs",
        "**Green lies on the dashed line**: four steps count what four levels were trained to be."
        " With eight steps there are twice the rungs, around the same.",
        "**No:** reset by subtraction. On Loihi 2, whose neurons are programs, it is possible.",
        "Bu et al. (2022), Optimal ANN-SNN conversion, ICLR.",
    ),
    About(
        "surrogate",
        "Surrogate gradients",
        "Nothing is converted: the spiking net itself is trained, unrolled over its few steps. A"
        " spike is a jump, whose slope is zero nearly everywhere, so the backward pass uses a"
        " smooth peak around the threshold instead. Batch norm acts on the input currents, with"
        " statistics that all steps share, and is folded in afterwards. The net can learn to use"
        " the order of spikes, not only their number; it is good at the number of steps it was"
        " trained with.",
        r"\frac{\partial\,\text{spike}}{\partial v} \approx \frac{1}{(1 + \alpha |v - 1|)^2}",
        r"$v$ is the potential in thresholds, $\alpha$ is 4 here; the paper has about 10.",
        "surrogate",
        "**The dashed stairs are flat, so they do not say which way to go.** The green curve is"
        " above zero wherever a potential came near the threshold: that is where training can"
        " push.",
        "**Not as trained here:** reset by subtraction.",
        "Ledinauskas et al. (2020), arXiv:2006.04436.",
    ),
)
