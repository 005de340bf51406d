package cuda

// Options chooses the device and how it computes. The zero value is good.
type Options struct {
	Device    int    // from 0, as the driver counts them
	Precision string // of what is multiplied: "bf16" or "fp32"; "" or "auto" for bf16
	Libraries string // folders, like $PATH, looked in before all others
}

// Machine is what there is to compute on, for a person to read.
type Machine struct {
	Driver   string   // its library and the CUDA it speaks; "" where there is none
	Devices  []string // name, architecture and memory of each
	Products string   // cuBLASLt's library and version; "" where there is none
	Kernels  string   // where the kernels come from; "" unknown
	Err      error    // why nothing can be computed here, nil where it can
}
