package report

import (
	"path/filepath"
	"testing"
)

// A report of a pilot with 10,000 test clips and 44 results: read from the ledger, built and
// written, format by format.
func BenchmarkLargePilot(b *testing.B) {
	l := sampleCaseAt(b, filepath.Join(b.TempDir(), "ledger.db"), 5000, 20)
	for _, format := range allFormats {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				known, err := l.Dossier(b.Context(), sampleRun, "")
				must(b, err)
				if _, err := render(format, Build(known, Options{})); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
