// Package cuda runs the towers on an NVIDIA GPU from sm_80 on, with what the
// machine has: the driver, and cuBLASLt from CUDA's toolkit or a PyTorch.
//
// Products go to cuBLASLt with bias, activation or residual in the same pass
// where it has an algorithm for that, else to a kernel of our own, as
// everything between products does. Which way a product takes depends on the
// layer alone: results are the same bits in every run and for every batch, on
// one kind of device with one version of the libraries. Precision bf16 rounds
// operands; fp32, without TF32, is for comparing.
//
// It is absent from builds with the tag nogpu and from other systems than
// Linux: New then says so.
package cuda
