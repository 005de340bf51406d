package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
)

// Format is a way to write a document.
type Format string

// The formats.
const (
	HTML     Format = "html" // one offline file
	Markdown Format = "md"
	JSON     Format = "json" // everything, at full precision; see Schema
	CSV      Format = "csv"  // one line a metric of a measurement, at full precision
	XLSX     Format = "xlsx" // tables, and the return as formulas that stay live
)

// FormatOf chooses a format by the ending of a file name.
func FormatOf(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".html", ".htm":
		return HTML, nil
	case ".md", ".markdown":
		return Markdown, nil
	case ".json":
		return JSON, nil
	case ".csv":
		return CSV, nil
	case ".xlsx":
		return XLSX, nil
	}
	return "", fault.New(fault.Usage, "end the name in .html, .md, .json, .csv or .xlsx", "report: %q does not say its format", path)
}

// Write writes a document.
func Write(w io.Writer, format Format, d Document) error {
	file, err := render(format, d)
	if err == nil {
		_, err = w.Write(file)
	}
	if err != nil {
		return fmt.Errorf("report: write %s: %w", format, err)
	}
	return nil
}

// render makes the file: the same bytes for the same document.
func render(format Format, d Document) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch format {
	case HTML:
		err = writeHTML(&b, layout(d))
		b.WriteString(trailer(d.Source))
	case Markdown:
		writeMarkdown(&b, layout(d))
		b.WriteString("\n" + trailer(d.Source))
	case JSON:
		var compact bytes.Buffer
		encoder := json.NewEncoder(&compact)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(struct {
			Document
			SHA256 string `json:"sha256"`
		}{d, unsealed})
		b.Write(layOut(compact.Bytes()))
	case CSV:
		var table bytes.Buffer
		err = writeCSV(&table, d)
		b.Write(lang.ForSpreadsheets(table.Bytes()))
	case XLSX:
		return workbook(d)
	default:
		err = fault.New(fault.Usage, "use html, md, json, csv or xlsx", "no format %q", format)
	}
	if err != nil {
		return nil, err
	}
	return seal(b.Bytes()), nil
}

// WriteFile writes a document to a file, in the format its name ends in. The
// file is replaced at once, or left as it was.
func WriteFile(path string, d Document) error {
	format, err := FormatOf(path)
	if err != nil {
		return err
	}
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fault.New(fault.Missing, "choose a folder you may write to", "report: write %s: %w", path, err)
	}
	defer file.Cleanup() // without effect once replaced
	if err := Write(file, format, d); err != nil {
		return err
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("report: write %s: %w", path, err)
	}
	return nil
}
