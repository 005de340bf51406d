package cli

import (
	"io"
	"slices"
	"testing"
)

// Lines are handed on whole, however they come.
func TestLinesAreHeardWhole(t *testing.T) {
	var heard []string
	w := &lineWriter{hear: func(line string) { heard = append(heard, line) }}
	for _, part := range []string{"10 of ", "20 clips\n20", " of 20 clips\n\nno e", "nd"} {
		if n, err := io.WriteString(w, part); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if want := []string{"10 of 20 clips", "20 of 20 clips", ""}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
