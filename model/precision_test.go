package model_test

import (
	"context"
	"path/filepath"
	"testing"

	"framepilot/internal/fault"
	"framepilot/model"
)

// openAt opens a model at a precision, or skips where the processor has none.
func openAt(t *testing.T, path, precision string) *model.Model {
	t.Helper()
	m, err := model.Open(context.Background(), path, model.Options{Precision: precision})
	if fault.KindOf(err) == fault.Missing {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// bf16 keeps each operand to 2⁻⁹ of itself; a dozen products in a row must
// keep what comes out within a few times that.
func TestBF16MeetsGoldens(t *testing.T) {
	for _, name := range []string{"tiny-b", "tiny-h"} {
		path := filepath.Join("..", "testdata", "model", name)
		file := map[string]string{"tiny-b": path + ".pth", "tiny-h": path + ".safetensors"}[name]
		openAt(t, file, "bf16")
		v, err := model.Verify(context.Background(), file, path+".golden.safetensors", model.Options{Precision: "bf16"})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range v.Tensors {
			if x.Rel > 2e-2 || x.Cosine < 0.9995 {
				t.Errorf("%s %s: relative error %.1e, cosine %.6f, want at most 2e-2 and at least 0.9995", name, x.Name, x.Rel, x.Cosine)
			}
		}
	}
}
