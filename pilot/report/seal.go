package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"framepilot/internal/fault"
)

// A file ends with what it was made from and the hash of all of it, taken with
// zeros in the place of the hash. The hash tells a slip of the hand or of a
// disk; who changes a number on purpose can renew it, which is what Verify is
// for.

// unsealed stands where the hash comes.
var unsealed = strings.Repeat("0", 2*sha256.Size)

// trailer is the last line of HTML and Markdown: a comment.
func trailer(s Source) string {
	return "<!-- framepilot-report " + s.json() + " sha256:" + unsealed + " -->\n"
}

// json is the source on one line. Hyphens are escaped, for two of them would
// end a comment.
func (s Source) json() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("report: " + err.Error()) // strings only
	}
	return strings.ReplaceAll(string(text), "-", `\u002d`)
}

// seal fills in the hash.
func seal(file []byte) []byte {
	at := bytes.LastIndex(file, []byte(unsealed))
	sum := sha256.Sum256(file)
	hex.Encode(file[at:at+len(unsealed)], sum[:])
	return file
}

// sealed says whether a file is as it was written, whatever the format.
func sealed(file []byte) bool {
	at := bytes.LastIndex(file, []byte("sha256"))
	if at < 0 {
		return false
	}
	start := at + len("sha256")
	for start < len(file) && strings.IndexByte(`": `, file[start]) >= 0 {
		start++
	}
	if len(file)-start < len(unsealed) {
		return false
	}
	blank := bytes.Clone(file)
	copy(blank[start:], unsealed)
	sum := sha256.Sum256(blank)
	return hex.EncodeToString(sum[:]) == string(file[start:start+len(unsealed)])
}

// SourceOf finds what a file in a format was made from. A file that does not
// say, or is no report at all, is a fault.Input.
func SourceOf(format Format, file []byte) (Source, error) {
	if format != XLSX {
		return sourceOf(format, file)
	}
	cells, err := readSheets(file)
	if err != nil {
		return Source{}, err
	}
	return cells.source()
}

// sourceOf is SourceOf of a file that is text.
func sourceOf(format Format, file []byte) (Source, error) {
	var s Source
	if format == JSON {
		var d struct{ Source *Source }
		if err := json.Unmarshal(file, &d); err != nil || d.Source == nil {
			return s, noSource
		}
		return *d.Source, nil
	}
	mark := []byte("framepilot-report ")
	if format == CSV {
		mark = []byte("framepilot-report,")
	}
	at := bytes.LastIndex(file, mark)
	if at < 0 {
		return s, noSource
	}
	text := file[at+len(mark):]
	if format == CSV {
		text = bytes.ReplaceAll(bytes.TrimPrefix(text, []byte(`"`)), []byte(`""`), []byte(`"`))
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&s); err != nil || s.Run == "" {
		return s, noSource
	}
	return s, nil
}

var noSource = fault.New(fault.Input, "make it again: framepilot report RUN -o FILE", "report: the file does not say what it was made from")
