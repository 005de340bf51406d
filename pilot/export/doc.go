// Package export gives what a ledger knows to the tools companies already
// have: result rows as CLIP_benchmark writes them, OpenMetrics text, runs in
// MLflow, a model card.
//
// It adds nothing and rounds nothing. Only MLflow leaves the machine, and only
// to the address it is given.
package export
