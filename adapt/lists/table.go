package lists

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// Table is a CSV, TSV or JSONL file as rows of named cells.
type Table struct {
	file    string
	columns []string // in the order of the header; of JSONL, of first appearance
	Rows    []Row
	lists   []string // columns that may hold several values
}

// Row is one line of a table. Cells are trimmed; a missing cell is "".
type Row struct {
	Line  int // where it starts in the file, from 1
	Cells map[string]string
	many  map[string][]string // values of columns that stand there several times, or are JSON lists
}

// Separator is what stands between the values of a table's line by the file's
// ending: a comma or a tab; 0 where it is neither. A .csv is also read with
// semicolons, if its first line has no comma.
func Separator(file string) rune {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return ','
	case ".tsv", ".tab":
		return '\t'
	}
	return 0
}

func isJSONLines(file string) bool {
	return slices.Contains([]string{".jsonl", ".ndjson"}, strings.ToLower(filepath.Ext(file)))
}

// IsTable says whether a file is a table, by its ending.
func IsTable(file string) bool { return Separator(file) != 0 || isJSONLines(file) }

// ReadTable reads a table: a header line, or JSON Lines of one object each;
// for the encoding see readText. known are the columns that mean something;
// their names are matched without regard to case. Those in lists may stand
// there several times.
func ReadTable(file string, r io.Reader, known []string, lists ...string) (Table, error) {
	text, _, err := readText(file, r)
	if err != nil {
		return Table{}, err
	}
	return parseTable(file, text, known, lists...)
}

// parseTable is ReadTable of decoded text.
func parseTable(file, text string, known []string, lists ...string) (Table, error) {
	t := Table{file: file, lists: lists}
	var err error
	switch comma := Separator(file); {
	case comma != 0:
		err = t.readSeparated(text, comma, known)
	case isJSONLines(file):
		err = t.readJSON(text, known)
	default:
		err = fault.New(fault.Input, "name it .csv, .tsv or .jsonl after what it holds", "%s: unknown kind of table", file)
	}
	return t, err
}

func (t *Table) readSeparated(text string, comma rune, known []string) error {
	if first, _, _ := strings.Cut(text, "\n"); comma == ',' && !strings.Contains(first, ",") && strings.Contains(first, ";") {
		comma = ';' // what spreadsheets write where a comma stands in numbers
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = comma
	r.FieldsPerRecord = -1 // counted below, in words
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return fault.New(fault.Input, "its first line names the columns, e.g. path,label", "%s is empty", t.file)
	}
	if err != nil {
		return t.badQuotes(err)
	}
	for _, name := range header {
		name = columnName(name, known)
		if name != "" && t.has(name) && !slices.Contains(t.lists, name) {
			return fault.New(fault.Input, "rename or delete one", "%s:1: two columns are called %q", t.file, name)
		}
		t.columns = append(t.columns, name)
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return t.badQuotes(err)
		}
		line, _ := r.FieldPos(0)
		if len(cells) != len(t.columns) {
			return fault.New(fault.Input, "put quotes around a value that holds the separator",
				"%s:%d: %d values for %d columns", t.file, line, len(cells), len(t.columns))
		}
		one := Row{Line: line, Cells: make(map[string]string, len(cells))}
		for i, cell := range cells {
			name := t.columns[i]
			if name == "" { // a spreadsheet's empty column
				continue
			}
			cell = strings.TrimSpace(cell)
			if _, again := one.Cells[name]; !again {
				one.Cells[name] = cell
			}
			if slices.Index(t.columns, name) != i || slices.Contains(t.columns[i+1:], name) {
				one.add(name, cell)
			}
		}
		if !one.blank() {
			t.Rows = append(t.Rows, one)
		}
	}
}

func (t *Table) badQuotes(err error) error {
	var e *csv.ParseError
	if errors.As(err, &e) {
		return fault.New(fault.Input, `a quote inside a quoted value is written twice: "a ""b"" c"`,
			"%s:%d:%d: %w", t.file, e.Line, e.Column, e.Err)
	}
	return fault.New(fault.Input, "", "read %s: %w", t.file, err)
}

func (t *Table) readJSON(text string, known []string) error {
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, maxText)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if len(line) == 0 {
			continue
		}
		var object map[string]any
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&object); err != nil || object == nil || d.More() {
			return fault.New(fault.Input, `write one object a line, e.g. {"path": "a.mp4", "label": "lift"}`,
				"%s:%d: not one JSON object", t.file, n)
		}
		one := Row{Line: n, Cells: make(map[string]string, len(object))}
		for key, value := range object {
			name := columnName(key, known)
			if _, twice := one.Cells[name]; twice {
				return fault.New(fault.Input, "rename or delete one", "%s:%d: two keys are called %q", t.file, n, name)
			}
			text, ok := scalar(value)
			if many, isList := value.([]any); isList && slices.Contains(t.lists, name) {
				text, ok = "", true
				one.add(name)
				for _, v := range many {
					var part string
					part, ok = scalar(v)
					if !ok {
						break
					}
					one.add(name, part)
				}
			}
			if !ok {
				return fault.New(fault.Input, "write a string or a number", "%s:%d: %s holds a list or an object", t.file, n, name)
			}
			one.Cells[name] = text
		}
		for _, name := range slices.Sorted(maps.Keys(one.Cells)) {
			if !t.has(name) {
				t.columns = append(t.columns, name)
			}
		}
		t.Rows = append(t.Rows, one)
	}
	if err := lines.Err(); err != nil {
		return fault.New(fault.Input, "", "read %s: %w", t.file, err)
	}
	if len(t.Rows) == 0 {
		return fault.New(fault.Input, `write one object a line, e.g. {"path": "a.mp4", "label": "lift"}`, "%s is empty", t.file)
	}
	return nil
}

// Need refuses a table without a column, and names the one that was meant.
func (t *Table) Need(column string) error {
	if t.has(column) {
		return nil
	}
	hint := words.Say("name the columns in the first line, e.g. path,label")
	if len(t.columns) == 1 && strings.Contains(t.columns[0], "\t") {
		hint = words.Say("separate the values with commas or semicolons in a .csv, with tabs in a .tsv")
	}
	return fault.Say(fault.Input, hint, "%s:1: no column %q;%s", t.file, column,
		cmp.Or(words.DidYouMean(column, t.columns), " there is "+words.Quoted(t.columns)))
}

func (t *Table) has(column string) bool {
	for _, c := range t.columns {
		if c == column {
			return true
		}
	}
	return false
}

// columnName trims a header and gives a known column its own spelling.
func columnName(name string, known []string) string {
	name = strings.TrimSpace(name)
	for _, k := range known {
		if strings.EqualFold(name, k) {
			return k
		}
	}
	return name
}

// add adds values to a column that may hold several.
func (r *Row) add(column string, values ...string) {
	if r.many == nil {
		r.many = map[string][]string{}
	}
	r.many[column] = append(r.many[column], values...)
}

func (r *Row) blank() bool {
	for _, c := range r.Cells {
		if c != "" {
			return false
		}
	}
	for _, values := range r.many {
		if strings.Join(values, "") != "" {
			return false
		}
	}
	return true
}

// scalar is a JSON value as text; lists and objects are none.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return strings.TrimSpace(v), true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}
