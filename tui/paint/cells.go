package paint

import (
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/text/width"
)

// narrow counts cells as terminals do that take characters of ambiguous width
// for narrow; the frames hold none of those.
var narrow = &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

// Cells is how many cells a text takes.
func Cells(text string) int { return narrow.StringWidth(text) }

// ascii are characters of running text that terminals in East Asia may draw
// two cells wide, and what stands in for them.
var ascii = strings.NewReplacer("–", "-", "—", "-", "−", "-", "±", "+-", "×", "x", "→", "->", "·", ".", "…", "..", "‘", "'", "’", "'", "“", `"`, "”", `"`)

// clean makes text that takes the same cells everywhere: half-width kana
// become full width, dashes and quotes ASCII, control characters a space.
func clean(text string) string {
	text = ascii.Replace(text)
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0xff61 && r <= 0xff9f }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < ' ' || r == 0x7f:
			b.WriteByte(' ')
		case r >= 0xff61 && r <= 0xff9f:
			b.WriteString(width.Widen.String(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fit makes text exactly n cells wide: cut, with ".." where something is
// missing, or filled up with spaces, on the left where right is set.
func fit(text string, n int, right bool) string {
	text = clean(text)
	have := Cells(text)
	if have > n {
		if n <= 2 {
			text = narrow.Truncate(text, n, "")
		} else {
			text = narrow.Truncate(text, n, "..")
		}
		have = Cells(text)
	}
	space := strings.Repeat(" ", max(0, n-have))
	if right {
		return space + text
	}
	return text + space
}

// wrap breaks text into lines of at most n cells, at spaces where there are
// any and between characters where there are none, as in Japanese.
func wrap(text string, n int) []string {
	var lines []string
	for _, paragraph := range strings.Split(text, "\n") {
		paragraph = clean(paragraph)
		line, used := "", 0
		for _, word := range pieces(paragraph) {
			w := Cells(word)
			if used > 0 && used+Cells(strings.TrimRight(word, " ")) > n {
				lines = append(lines, strings.TrimRight(line, " "))
				line, used = "", 0
				word = strings.TrimLeft(word, " ")
				w = Cells(word)
			}
			for w > n && n > 0 { // a word longer than a line
				head := narrow.Truncate(word, n-used, "")
				if head == "" {
					lines = append(lines, line)
					line, used = "", 0
					continue
				}
				lines = append(lines, line+head)
				line, used = "", 0
				word = word[len(head):]
				w = Cells(word)
			}
			line += word
			used += w
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// What stands at no beginning and at no end of a line (JIS X 4051).
const (
	beginsNoLine = "、。，．」』）］！？：；ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ),]:;!?%"
	endsNoLine   = "「『（［(["
)

// pieces splits text where a line may break: after spaces, but for the one in
// 71.0 %, and around every wide character, but not before what closes or behind
// what opens.
func pieces(text string) []string {
	var out []string
	start := 0
	runes := []rune(text)
	for i := 1; i < len(runes); i++ {
		before, after := runes[i-1], runes[i]
		wide := narrow.RuneWidth(before) == 2 || narrow.RuneWidth(after) == 2
		if before == ' ' && after != ' ' && after != '%' || wide && !strings.ContainsRune(beginsNoLine, after) && !strings.ContainsRune(endsNoLine, before) {
			out = append(out, string(runes[start:i]))
			start = i
		}
	}
	return append(out, string(runes[start:]))
}
