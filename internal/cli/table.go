package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/google/renameio/v2"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
)

// tableRow is a line of a table of clips.
type tableRow interface {
	header() []string
	fields() []string
}

// printTable prints rows as CSV, or with --json as JSON; with a name, it writes
// CSV there.
func printTable[T tableRow](a *app, rows []T, out string) error {
	if out == "" {
		if a.json {
			return a.print(rows, nil)
		}
		return writeTable(a.out, rows)
	}
	var b bytes.Buffer
	if err := writeTable(&b, rows); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	if err := renameio.WriteFile(out, lang.ForSpreadsheets(b.Bytes()), 0o644); err != nil {
		return fault.New(fault.Missing, "name a file in a folder that can be written to", "write %s: %w", out, err)
	}
	result := struct {
		Output string `json:"output"`
		Clips  int    `json:"clips"`
	}{out, len(rows)}
	return a.print(result, func(w io.Writer) { fmt.Fprintf(w, "%d clips in %s\n", len(rows), out) })
}

func writeTable[T tableRow](w io.Writer, rows []T) error {
	var first T
	table := [][]string{first.header()}
	for _, r := range rows {
		table = append(table, r.fields())
	}
	return csv.NewWriter(w).WriteAll(table)
}
