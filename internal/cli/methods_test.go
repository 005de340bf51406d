package cli

import (
	"bytes"
	"os"
	"testing"
)

// TestManualIsCurrent: docs/methods.md is what the program says.
func TestManualIsCurrent(t *testing.T) {
	want, err := os.ReadFile("../../docs/methods.md")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	writeManual(&got)
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("docs/methods.md is not current; go generate ./internal/cli writes it")
	}
}

// TestEveryMethodHasItsPage: a method that nobody explains is no use.
func TestEveryMethodHasItsPage(t *testing.T) {
	for _, ch := range chapters() {
		for _, m := range ch.Methods {
			if m.Summary == "" || m.Page.Does == "" || m.Page.When == "" || m.Page.Cost == "" || m.Page.Source == "" {
				t.Errorf("%s has gaps in its page: %+v", m.Name, m.Page)
			}
		}
	}
}
