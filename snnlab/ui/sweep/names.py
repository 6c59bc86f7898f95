"""What the Sweep page calls knobs, scores and costs."""

KNOBS = {
    "percentile": "percentile",
    "upper": "upper bound (Hz)",
    "timesteps": "timesteps",
    "model": "model",
    "method": "method",
}
AXES = ("upper", "timesteps", "method", "model", "percentile")  # of the heat map, the usual first
SCORES = {
    "v_rand": "V_Rand, best threshold",
    "v_info": "V_Info, best threshold",
    "pixel_accuracy": "pixel accuracy",
    "dice": "Dice",
    "iou": "IoU",
    "agreement_with_ann": "agreement with the ANN",
}
COSTS = {
    "joules": "energy (J, Loihi 1)",
    "synaptic_events": "synaptic events",
    "spikes": "spikes",
    "mean_rate_hz": "mean rate (Hz)",
}
SHORT = KNOBS | {"upper": "upper (Hz)"}
