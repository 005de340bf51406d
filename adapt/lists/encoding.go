package lists

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// maxText bounds a list of clips, far above any pilot's.
const maxText = 1 << 30

// readText reads a text file in whichever encoding it is. note says which,
// where it is none of UTF-8.
func readText(file string, r io.Reader) (text string, note words.Sentence, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return "", note, fault.New(fault.Input, "", "read %s: %w", file, err)
	}
	if len(raw) > maxText {
		return "", note, fault.New(fault.Input, "split it into several", "%s has more than %d bytes", file, maxText)
	}
	text, name, err := decodeText(raw)
	if err != nil {
		return "", note, fault.New(fault.Input, fault.HintOf(err), "%s%w", file, err)
	}
	if line, ok := lineWith(text, 0); ok {
		return "", note, fault.New(fault.Input, "export the table again as text", "%s:%d: holds a zero byte", file, line)
	}
	if name != "" {
		note = words.Say("%s is %s, e.g. %q; save it as UTF-8 where that is misread", file, name, sample(text))
	}
	return text, note, nil
}

// decodeText turns the bytes of a text into UTF-8: they may be UTF-8 with or
// without a byte order mark, UTF-16 with one, or CP932, which spreadsheets
// on a Japanese Windows write. Any other encoding is refused, because a text
// misread is worse than one not read. name is "" for UTF-8.
func decodeText(raw []byte) (text, name string, err error) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		wide, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(raw)
		if err != nil || len(raw)%2 != 0 || bytes.ContainsRune(wide, utf8.RuneError) {
			return "", "", fault.New(fault.Input, `save it as "CSV UTF-8"`, ": begins as UTF-16 and does not go on so")
		}
		return string(wide), "UTF-16", nil
	case utf8.Valid(raw):
		return strings.TrimPrefix(string(raw), "\ufeff"), "", nil
	case isCP932(raw):
		wide, err := japanese.ShiftJIS.NewDecoder().Bytes(raw)
		if err == nil && !bytes.ContainsRune(wide, utf8.RuneError) {
			return string(wide), "CP932 (Shift-JIS)", nil
		}
	}
	line := 1
	for rest := raw; len(rest) > 0; line++ {
		head, tail, _ := bytes.Cut(rest, []byte("\n"))
		if !utf8.Valid(head) {
			break
		}
		rest = tail
	}
	return "", "", fault.New(fault.Input, `save it as "CSV UTF-8"`, ":%d: neither UTF-8, nor UTF-16, nor CP932 (Shift-JIS)", line)
}

// isCP932 says whether bytes that are not UTF-8 are Japanese rather than, say,
// Latin-1, of which much happens to be valid CP932 too: in Japanese most
// characters are pairs of bytes that are both outside of ASCII, in European
// languages such bytes stand alone among letters.
func isCP932(raw []byte) bool {
	var pairs, strays int
	for i := 0; i < len(raw); i++ {
		b := raw[i]
		switch {
		case b < 0x80:
		case b >= 0xa1 && b <= 0xdf: // half-width katakana, one byte each
			run := i
			for i+1 < len(raw) && raw[i+1] >= 0xa1 && raw[i+1] <= 0xdf {
				i++
			}
			if i > run {
				pairs++
			} else {
				strays++
			}
		case b >= 0x81 && b <= 0x9f || b >= 0xe0 && b <= 0xfc:
			i++
			if i == len(raw) || raw[i] < 0x40 || raw[i] == 0x7f || raw[i] > 0xfc {
				return false
			}
			if raw[i] >= 0x80 {
				pairs++
			} else {
				strays++
			}
		default:
			return false
		}
	}
	return pairs > strays
}

// lineWith finds the first line that holds a byte, counted from 1.
func lineWith(text string, b byte) (line int, ok bool) {
	at := strings.IndexByte(text, b)
	if at < 0 {
		return 0, false
	}
	return 1 + strings.Count(text[:at], "\n"), true
}

// sample is the first run of letters outside ASCII, for a person to see
// whether they are read right.
func sample(text string) string {
	at := strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
	if at < 0 {
		at = 0
	}
	from := text[at:]
	if end := strings.IndexAny(from, ",;\t\r\n\""); end >= 0 {
		from = from[:end]
	}
	if r := []rune(from); len(r) > 12 {
		from = string(r[:12])
	}
	return from
}
