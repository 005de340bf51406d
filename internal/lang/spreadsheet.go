package lang

import (
	"slices"
	"unicode/utf8"
)

// ForSpreadsheets begins a table of UTF-8 with the byte order mark where it
// holds more than ASCII: a spreadsheet on a Japanese Windows takes a text
// without the mark for CP932 and shows names as rubbish. A table of ASCII is
// the same in both and stays as it is, for programs that take the mark for a
// letter.
func ForSpreadsheets(table []byte) []byte {
	if !slices.ContainsFunc(table, func(b byte) bool { return b >= utf8.RuneSelf }) {
		return table
	}
	return append([]byte("\ufeff"), table...)
}
