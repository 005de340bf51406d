package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// workbook writes a document as a spreadsheet: summary, gates, results, and
// the return as formulas over its assumptions. The last sheet says what it was
// made from, with a hash over all other cells.
func workbook(d Document) (file []byte, err error) {
	b := book{file: excelize.NewFile(), words: words{d.Source.Language}}
	defer b.file.Close()
	b.styles()
	if p := layout(d); p.Brief != nil {
		b.summary(p)
	}
	if d.Case != nil && len(d.Case.Gates) > 0 {
		b.gates(*d.Case)
	}
	b.results(d.Results)
	if d.Case != nil && d.Case.Return != nil {
		b.worth(*d.Case.Return)
	}
	b.about(d)
	b.do(b.file.DeleteSheet("Sheet1"))
	// Formulas are written without values: whoever opens the file computes them.
	yes := true
	b.do(b.file.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &yes}))
	b.do(b.file.SetDocProps(&excelize.DocProperties{Creator: "framepilot", Title: d.Results.Pilot, Created: epoch, Modified: epoch}))
	if b.err != nil {
		return nil, b.err
	}
	out, err := b.file.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// epoch is the time a workbook gives for itself, so that the same document is
// the same file.
const epoch = "2000-01-01T00:00:00Z"

// book is a workbook being written, sheet after sheet, row after row. Its
// first error sticks.
type book struct {
	file  *excelize.File
	words words
	sheet string
	row   int // the next one, from 1
	err   error

	head, title, wrap, input, strong int // styles
}

func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) styles() {
	style := func(s excelize.Style) int {
		id, err := b.file.NewStyle(&s)
		b.do(err)
		return id
	}
	line := []excelize.Border{{Type: "bottom", Color: "888888", Style: 1}}
	b.head = style(excelize.Style{Font: &excelize.Font{Bold: true}, Border: line, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	b.title = style(excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	b.wrap = style(excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	b.input = style(excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF4D6"}}})
	b.strong = style(excelize.Style{Font: &excelize.Font{Bold: true}, Border: line})
}

// begin opens a sheet with columns of these widths.
func (b *book) begin(id, title string, widths ...float64) {
	b.sheet, b.row = b.words.say("sheet."+id), 1
	_, err := b.file.NewSheet(b.sheet)
	b.do(err)
	for i, wide := range widths {
		column := columnName(i)
		b.do(b.file.SetColWidth(b.sheet, column, column, wide))
	}
	landscape, fit, paper := "landscape", 0, 9 // A4, one page wide
	one := 1
	b.do(b.file.SetPageLayout(b.sheet, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &one, FitToHeight: &fit, Size: &paper}))
	yes := true
	b.do(b.file.SetSheetProps(b.sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
	b.add(b.title, title)
	b.row++
}

// add writes a row: texts and numbers; nil leaves a cell empty, a formula is a
// formula. It returns the number of the row.
func (b *book) add(style int, cells ...any) int {
	for i, v := range cells {
		at := columnName(i) + strconv.Itoa(b.row)
		switch v := v.(type) {
		case nil:
			continue
		case formula:
			b.do(b.file.SetCellFormula(b.sheet, at, string(v)))
		case string:
			b.do(b.file.SetCellStr(b.sheet, at, visible(v)))
		default:
			b.do(b.file.SetCellValue(b.sheet, at, v))
		}
		b.do(b.file.SetCellStyle(b.sheet, at, at, style))
	}
	b.row++
	return b.row - 1
}

// formula is what a cell computes, without the equals sign.
type formula string

func columnName(i int) string {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		panic("report: " + err.Error()) // a few columns
	}
	return name
}

// headRow writes the heads of a table and keeps them in sight.
func (b *book) headRow(ids ...string) {
	var cells []any
	for _, c := range b.words.columns(ids...) {
		cells = append(cells, c.Title)
	}
	row := b.add(b.head, cells...)
	b.do(b.file.SetPanes(b.sheet, &excelize.Panes{Freeze: true, YSplit: row, TopLeftCell: fmt.Sprintf("A%d", row+1), ActivePane: "bottomLeft"}))
}

func (b *book) summary(p page) {
	w := b.words
	b.begin("summary", p.Title, 26, 60, 22, 16)
	b.add(b.strong, p.Brief.Head, p.Brief.Answer)
	b.add(b.wrap, nil, p.Brief.Stage)
	for _, l := range p.Brief.Lines {
		b.add(b.wrap, nil, l)
	}
	for _, f := range p.Brief.Figures {
		b.row++
		b.add(b.strong, f.Value, f.Label, f.Verdict)
		for _, l := range f.Lines {
			b.add(b.wrap, nil, l)
		}
	}
	for _, f := range p.Brief.Facts {
		b.row++
		head := f.Head
		for _, l := range append(f.Lines, f.Code) {
			if l != "" {
				b.add(b.wrap, head, l)
				head = ""
			}
		}
	}
	b.row++
	b.add(b.head, w.say("role.title"), w.say("column.who"), w.say("role.date"))
	for _, x := range p.Brief.Boxes {
		b.add(b.wrap, x.Role, x.Name, x.Date)
	}
}

func (b *book) gates(c Case) {
	w := b.words
	b.begin("gates", w.say("gates.title"), 8, 14, 44, 24, 22, 14, 12, 12, 12, 10, 12, 28, 16, 40)
	b.headRow("gate", "stage", "agreed", "figure", "site", "need", "now", "low", "high", "clips", "looks", "sealed", "verdict", "why")
	for _, g := range c.Gates {
		k := g.Criterion
		line := []any{k.Name, w.stage(k.Stage), k.Text, w.title(k.Metric), k.Site, nil, nil, nil, nil, nil, nil, nil, w.gateVerdict(g.Verdict), w.gateWhy(c, g)}
		if k.Bound != "" {
			line[5] = k.Threshold
		}
		if g.Check != nil {
			r := g.Check.Reading
			line[6], line[7], line[8], line[9], line[10] = r.Value, r.Low, r.High, r.Clips, r.Looks
		}
		if g.Sealed != nil {
			line[11] = w.say("gates.sealed", args{"At": day(g.Sealed.At), "By": g.Sealed.By})
		}
		b.add(b.wrap, line...)
	}
}

func (b *book) results(r Results) {
	w := b.words
	b.begin("results", w.say("results.title"), 18, 34, 18, 14, 10, 10, 26, 14, 14, 14, 34, 10)
	b.headRow("site", "method", "prompts", "trained", "shots", "draw", "figure", "value", "low", "high", "interval", "clips")
	for _, m := range r.Measurements {
		for _, x := range m.Metrics {
			line := []any{m.Site, m.Label, m.Prompts, m.TrainSite, m.Shots, m.Draw, w.title(x.Name), x.Value, nil, nil, nil, x.N}
			if x.Interval != nil {
				line[8], line[9], line[10] = x.Interval.Low, x.Interval.High, w.kind(x.Interval.Kind)
			}
			b.add(0, line...)
		}
	}
}

// about says what the workbook was made from.
func (b *book) about(d Document) {
	w := b.words
	digest := digestOf(b.file, "")
	b.begin("about", w.say("sheet.about"), 22, 100)
	b.add(0, "schema", d.Schema)
	b.add(0, "framepilot-report", d.Source.json())
	b.add(0, "sha256", digest)
}

// digestOf is the hash, in hex, over the cells of all sheets but one.
func digestOf(f *excelize.File, but string) string {
	sum := sha256.New()
	for _, sheet := range f.GetSheetList() {
		if sheet == but || sheet == "Sheet1" {
			continue
		}
		eachCell(f, sheet, func(at, text string) { fmt.Fprintf(sum, "%q %s %q\n", sheet, at, text) })
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// eachCell gives every cell that holds something: its value, or its formula
// with an equals sign.
func eachCell(f *excelize.File, sheet string, do func(at, text string)) {
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return
	}
	for r := range max(len(rows), 200) { // formulas without a value end no row
		wide := 0
		if r < len(rows) {
			wide = len(rows[r])
		}
		for c := range max(wide, maxWide) {
			at := columnName(c) + strconv.Itoa(r+1)
			if text, err := f.GetCellFormula(sheet, at); err == nil && text != "" {
				do(at, "="+text)
			} else if r < len(rows) && c < len(rows[r]) && rows[r][c] != "" {
				do(at, rows[r][c])
			}
		}
	}
}

// maxWide is more columns than any sheet has.
const maxWide = 16
