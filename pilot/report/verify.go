package report

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"framepilot/internal/fault"
	"framepilot/pilot"
)

// Verification is what became of computing a report again.
type Verification struct {
	Source      Source   `json:"source"`
	Numbers     int      `json:"numbers"`     // that were compared
	Differences []string `json:"differences"` // what, where, and what it should be; the first of them
	More        int      `json:"more"`        // differences that are not listed
}

// OK says whether the report is what the ledger says.
func (v Verification) OK() bool { return len(v.Differences) == 0 }

// maxDifferences is how many a person reads.
const maxDifferences = 20

func (v *Verification) add(format string, values ...any) {
	if len(v.Differences) == maxDifferences {
		v.More++
		return
	}
	v.Differences = append(v.Differences, fmt.Sprintf(format, values...))
}

// Verify computes every number of a report again and compares: scores and
// gates from the predictions the ledger kept, the return from the assumptions,
// then the whole report, in the same language and for the same audience, from
// the journal as it was. A file of another version of the program may word
// things differently; its numbers must be the same, in the same order. Errors
// are about files that can't be compared.
func Verify(ctx context.Context, l *pilot.Ledger, format Format, file []byte) (Verification, error) {
	v := Verification{Differences: []string{}}
	var cells sheets
	var err error
	if format == XLSX {
		if cells, err = readSheets(file); err == nil {
			v.Source, err = cells.source()
		}
	} else {
		v.Source, err = sourceOf(format, file)
	}
	if err != nil {
		return v, err
	}
	known, err := l.Dossier(ctx, v.Source.Run, v.Source.Journal)
	if err != nil {
		return v, fault.New(fault.Input, "give the folder of its pilot with --pilot", "report: the file says it was made from run %q: %w", v.Source.Run, err)
	}
	if v.Source.Before != "" {
		if known.Since, err = l.Since(ctx, known.Record, v.Source.Before); err != nil {
			return v, fault.New(fault.Input, "give the folder of its pilot with --pilot", "report: the file says it was compared with run %q: %w", v.Source.Before, err)
		}
	}
	for _, d := range known.Audit() {
		v.add("ledger: %s", d)
	}
	d := Build(known, Options{
		Language: v.Source.Language, Audience: v.Source.Audience, Redact: v.Source.Redacted, Pictures: picturesIn(format, file),
	})
	again, err := render(format, d)
	if err != nil {
		return v, fmt.Errorf("report: make it again: %w", err)
	}
	if format == XLSX {
		should, err := readSheets(again)
		if err != nil {
			return v, err
		}
		v.compareSheets(cells, should)
		return v, nil
	}
	v.compareText(file, again)
	return v, nil
}

// numberPattern is digits with what may stand between them.
var numberPattern = regexp.MustCompile(`[0-9]+(?:[.,][0-9]+)*`)

// compareText compares two texts number by number.
func (v *Verification) compareText(file, again []byte) {
	whole := sealed(file)
	if !whole {
		v.add("the file was changed after it was written: its hash does not match")
	}
	file, again = withoutStyle(withoutSeal(file)), withoutStyle(withoutSeal(again))
	is, should := numberPattern.FindAllIndex(file, -1), numberPattern.FindAllIndex(again, -1)
	v.Numbers = len(should)
	for i := range min(len(is), len(should)) {
		a, b := is[i], should[i]
		if string(file[a[0]:a[1]]) == string(again[b[0]:b[1]]) {
			continue
		}
		line := 1 + bytes.Count(file[:a[0]], []byte("\n"))
		v.add("line %d: %s, should be %s: …%s", line, file[a[0]:a[1]], again[b[0]:b[1]], around(file, a))
		if len(is) != len(should) {
			return // what follows is shifted
		}
	}
	if len(is) != len(should) {
		v.add("%d numbers, should be %d", len(is), len(should))
	}
	if !whole && bytes.Equal(file, again) {
		v.add("the hash at the end of the file was changed")
	}
}

// withoutSeal leaves out the hash, which differs wherever anything does.
func withoutSeal(file []byte) []byte {
	at := bytes.LastIndex(file, []byte("sha256"))
	if at < 0 {
		return file
	}
	return file[:at]
}

// withoutStyle blanks how a page looks, which is another in every version of
// the program and holds no number of the report.
func withoutStyle(file []byte) []byte {
	return style.ReplaceAllFunc(file, func(text []byte) []byte {
		return bytes.Repeat([]byte("\n"), bytes.Count(text, []byte("\n"))) // lines keep their numbers
	})
}

var style = regexp.MustCompile(`(?s)<style>.*?</style>|content="default-src[^"]*"`)

// around is a little of the text before a number, and the number.
func around(text []byte, at []int) string {
	from := max(0, at[0]-60)
	return visible(strings.Join(strings.Fields(string(text[from:min(len(text), at[1]+10)])), " "))
}

// picture finds a clip with its picture.
var picture = regexp.MustCompile(`<img src="data:image/jpeg;base64,([^"]*)" alt="[^"]*"/>\s*<figcaption><bdi>([^<]*)</bdi>`)

// picturesIn takes the pictures from the page: the clips they are of may be
// gone. That they are as they were written is what the hash says.
func picturesIn(format Format, file []byte) Thumbnails {
	if format != HTML {
		return nil
	}
	found := map[string][]byte{}
	for _, m := range picture.FindAllSubmatch(file, -1) {
		if jpeg, err := base64.StdEncoding.DecodeString(html.UnescapeString(string(m[1]))); err == nil {
			found[html.UnescapeString(string(m[2]))] = jpeg
		}
	}
	return func(clip string) ([]byte, bool) {
		jpeg, ok := found[name(clip)]
		return jpeg, ok
	}
}

// sheets are the cells of a workbook, sheet by sheet.
type sheets []sheetCells

type sheetCells struct {
	name string
	at   []string
	text map[string]string
}

func readSheets(file []byte) (sheets, error) {
	f, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{UnzipSizeLimit: 512 << 20})
	if err != nil {
		return nil, fault.New(fault.Input, "give the .xlsx that framepilot report wrote", "report: read the workbook: %w", err)
	}
	defer f.Close()
	var out sheets
	for _, name := range f.GetSheetList() {
		s := sheetCells{name: name, text: map[string]string{}}
		eachCell(f, name, func(at, text string) {
			s.at = append(s.at, at)
			s.text[at] = text
		})
		out = append(out, s)
	}
	return out, nil
}

// source finds what a workbook was made from: on its last sheet.
func (s sheets) source() (Source, error) {
	for _, sheet := range s {
		for _, at := range sheet.at {
			if sheet.text[at] == "framepilot-report" && strings.HasPrefix(at, "A") {
				return sourceOf(CSV, []byte("framepilot-report,"+sheet.text["B"+at[1:]]))
			}
		}
	}
	return Source{}, noSource
}

func (v *Verification) compareSheets(is, should sheets) {
	for i := range max(len(is), len(should)) {
		switch {
		case i >= len(is):
			v.add("sheet %s is missing", should[i].name)
			continue
		case i >= len(should) || is[i].name != should[i].name:
			v.add("there should be no sheet %s", is[i].name)
			continue
		}
		for _, at := range should[i].at {
			want, got := should[i].text[at], is[i].text[at]
			v.Numbers += len(numberPattern.FindAllString(want, -1))
			if got != want {
				v.add("sheet %s, cell %s: %s, should be %s", should[i].name, at, visible(got), visible(want))
			}
		}
		for _, at := range is[i].at {
			if _, ok := should[i].text[at]; !ok {
				v.add("sheet %s, cell %s: %s, should be empty", is[i].name, at, visible(is[i].text[at]))
			}
		}
	}
}
