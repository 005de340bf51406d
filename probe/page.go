package probe

// Page is what a person reads of a method before using it; docs/methods.md is
// made of them.
type Page struct {
	Does   string // how it gets its classifier
	When   string // to use it, and when not
	Cost   string // of a fit with its settings chosen, in N clips, C classes, d values
	Source string // where it is from; what differs
}
