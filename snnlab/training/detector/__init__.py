"""Training of the detector (`snnlab.nets.detector`) on labelled mitochondria.

In come sections with a map of things each (`snnlab.data.instances`), out comes a
`snnlab.nets.detector.model.Detector` of 8 bits with its card. `crops` draws what is shown,
`targets` says what each anchor should answer, `losses` what a wrong answer costs, `net` computes
the answers, `fitting` is the run. Read `fitting` first.
"""
