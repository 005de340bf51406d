package bundle

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framepilot/fewshot"
	"framepilot/internal/needed"
	"framepilot/probe"
)

// python is an interpreter with numpy: the first one, or the system's.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import numpy").Run() == nil {
			return name
		}
	}
	needed.Missing(t, "numpy", "no python3 that can import it")
	return ""
}

// TestPythonReads runs the lines that docs/bundle.md gives to Python users.
func TestPythonReads(t *testing.T) {
	python := python(t)
	doc, err := os.ReadFile("../../docs/bundle.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(doc), "```python\n")
	code, _, ok := strings.Cut(code, "```")
	if lines := strings.Count(code, "\n"); !ok || lines != 10 {
		t.Fatalf("docs/bundle.md has %d lines of Python, want ten", lines)
	}
	for _, name := range []string{"zero-shot", "logistic", "gda", "lp++", "sigmoid"} {
		method, err := probe.FindMethod(slices.Concat(probe.Methods(), fewshot.Methods(), fewshot.MultiMethods()), name)
		if err != nil {
			t.Fatal(err)
		}
		train := clips(6, 1)
		if method.Multi {
			for _, y := range train.Labels {
				train.Truth = append(train.Truth, []int{y})
			}
		}
		fitted, err := method.Run(context.Background(), train, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := New(context.Background(), name, fitted, train, Origin{})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := b.Write(filepath.Join(dir, "line3.safetensors")); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(python, "-c", code+"print(json.dumps(z.tolist()))\n")
		cmd.Dir, cmd.Stderr = dir, os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got [][]float64
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
			t.Fatal(err)
		}
		answers, err := b.Classify(b.Reference.X)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			set := a.Set
			if !method.Multi {
				set = []string{a.Label}
			}
			said := strings.Split(strings.Trim(lines[0], "[]"), "], [")[i]
			for _, class := range b.Classes {
				if slices.Contains(set, class) != strings.Contains(said, "'"+class+"'") {
					t.Fatalf("%s: clip %d: Python says %s, Go %v", name, i, said, set)
				}
			}
		}
		want := b.Calibrated().Logits(b.Reference.X)
		for i, row := range got {
			for c, z := range row {
				if w := float64(want.Row(i)[c]); math.Abs(z-w) > 1e-4*(1+math.Abs(w)) {
					t.Fatalf("%s: clip %d, class %d: Python says %g, Go %g", name, i, c, z, w)
				}
			}
		}
	}
}
