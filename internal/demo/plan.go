package demo

import (
	_ "embed"
	"fmt"
	"path/filepath"
)

// plan is a commented example to start one's own from. It expects the data set
// in its own folder.
//
//go:embed plan.toml
var plan string

// WritePlan writes the plan into dir as plan.toml and returns its path. A
// plan there that is not the demo's is an error.
func WritePlan(dir string) (string, error) {
	path := filepath.Join(dir, "plan.toml")
	if err := writeNew(path, []byte(plan)); err != nil {
		return "", fmt.Errorf("demo: write plan: %w", err)
	}
	return path, nil
}
