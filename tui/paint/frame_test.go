package paint

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"framepilot/tui/page"
)

// Every frame has exactly the lines and columns of the terminal, by a measure
// of widths that is not the one it was painted with.
func TestFramesFillTheTerminal(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	words := []string{"映像", "G1", "accuracy [68.8 %, 73.2 %]", "ﾊﾟｲﾛｯﾄ", "a\tb", "", "長い説明文がここに入ります。折り返しも確認します。", strings.Repeat("x", 90), "é", "±3.1 – −2 × “x” …"}
	word := func() string { return words[rng.IntN(len(words))] }
	for _, profile := range []termenv.Profile{termenv.Ascii, termenv.ANSI256} {
		style := NewStyle(profile, true)
		for trial := range 400 {
			p := page.Page{Title: []string{word(), word()}, Status: word()}
			for range rng.IntN(6) {
				p.Blocks = append(p.Blocks, anyBlock(rng, word))
			}
			for range rng.IntN(3) {
				p.Right = append(p.Right, anyBlock(rng, word))
				p.Below = append(p.Below, anyBlock(rng, word))
			}
			for range rng.IntN(3) {
				p.Aside = append(p.Aside, anyBlock(rng, word))
			}
			for range rng.IntN(2) {
				p.Foot = append(p.Foot, anyBlock(rng, word))
			}
			for i := range rng.IntN(8) {
				p.Actions = append(p.Actions, page.Action{Key: fmt.Sprint(i), Label: word(), Why: []string{"", word()}[i%2]})
			}
			size := Size{60 + rng.IntN(141), 16 + rng.IntN(35)}
			frame, _ := Frame(p, page.Footer{Screens: []page.Screen{{Key: "0", Name: word(), Here: true}, {Key: "1", Name: word() + word()}}[rng.IntN(3)/2*2:], Keys: word()}, size, Scroll{rng.IntN(50), rng.IntN(2) == 0}, style)
			lines := strings.Split(frame, "\n")
			if len(lines) != size.Height {
				t.Fatalf("trial %d: %d lines at %v", trial, len(lines), size)
			}
			for _, text := range lines {
				if w := lipgloss.Width(text); w != size.Width {
					t.Fatalf("trial %d: a line of %d cells at %v: %q", trial, w, size, text)
				}
			}
		}
	}
}

func anyBlock(rng *rand.Rand, word func() string) page.Block {
	switch rng.IntN(9) {
	case 0:
		return page.Text{Text: word() + " " + word() + "\n" + word(), Tone: page.Tone(rng.IntN(6))}
	case 1:
		return page.Fields{Name: word(), Items: []page.Field{{Label: word(), Value: word()}, {Label: word(), Value: word()}}}
	case 2:
		t := page.Table{Name: word(), Selected: rng.IntN(4) - 1, Empty: word()}
		for range 1 + rng.IntN(5) {
			t.Columns = append(t.Columns, page.Column{Head: word(), Right: rng.IntN(2) == 0, Wrap: rng.IntN(3) == 0, Rank: rng.IntN(3)})
		}
		for range rng.IntN(40) {
			row := page.Row{Tone: page.Tone(rng.IntN(6))}
			for range t.Columns {
				row.Cells = append(row.Cells, word())
			}
			t.Rows = append(t.Rows, row)
		}
		return t
	case 3:
		return page.Gauge{Label: word(), Share: rng.Float64()*1.2 - 0.1, Text: word()}
	case 4:
		b := page.Bars{Name: word(), Selected: rng.IntN(3) - 1, Unit: []string{"", "JPY"}[rng.IntN(2)]}
		for range rng.IntN(5) {
			x := rng.Float64()
			bar := page.Bar{Label: word(), Value: x, Low: x * 0.9, High: x + (1-x)*0.1, Text: word()}
			if need := rng.Float64(); rng.IntN(2) == 0 {
				bar.Need, bar.Again = &need, &page.Span{Low: x / 2, High: x}
			}
			b.Rows = append(b.Rows, bar)
		}
		return b
	case 5:
		c := page.Curve{Name: word(), XLabel: word(), Text: word(), Log: rng.IntN(2) == 0, Square: rng.IntN(2) == 0, Ahead: rng.IntN(2)}
		for i := range rng.IntN(6) {
			c.X, c.Y = append(c.X, float64(i+1)), append(c.Y, 100*rng.Float64())
		}
		if c.Square {
			c.Log = false
		}
		return c
	case 6:
		m := page.Matrix{Name: word(), Text: word(), Some: word()}
		n := rng.IntN(40)
		for range n {
			m.Labels = append(m.Labels, word())
			row := make([]int, n)
			for i := range row {
				row[i] = rng.IntN(500)
			}
			m.Counts = append(m.Counts, row)
		}
		return m
	case 7:
		return page.Form{Name: word(), At: rng.IntN(2), Inputs: []page.Input{{Label: word(), Value: word(), Hint: word()}, {Label: word(), Value: word(), Problem: word()}}}
	}
	return page.Picture{Width: 8, Height: 6, RGB: make([]byte, 3*8*6), Text: word()}
}

// Rows around the chosen one are shown in exactly the lines there are, with the
// chosen one among them.
func TestFold(t *testing.T) {
	for n := range 30 {
		for lines := 4; lines < 20; lines++ {
			for chosen := range n {
				from, to := fold(n, chosen, lines)
				used := to - from
				if from > 0 {
					used++
				}
				if to < n {
					used++
				}
				if chosen < from || chosen >= to || used != min(n, lines) {
					t.Fatalf("%d of %d rows in %d lines: %d to %d", chosen, n, lines, from, to)
				}
			}
		}
	}
}

// A page is read to its end by going on, whatever is chosen at its top; another
// key brings that back.
func TestScrollPastTheChosenRow(t *testing.T) {
	p := page.Page{Blocks: []page.Block{page.Table{Columns: []page.Column{{}}, Rows: []page.Row{{Cells: []string{"chosen"}}}}}}
	for i := range 60 {
		p.Blocks = append(p.Blocks, page.Text{Text: fmt.Sprint("line ", i)})
	}
	style, size := NewStyle(termenv.Ascii, true), Size{80, 24}
	frame, at := Frame(p, page.Footer{}, size, Scroll{Lines: 1000, Free: true}, style)
	if !strings.Contains(frame, "line 59") || strings.Contains(frame, "chosen") || !at.Free {
		t.Errorf("at %+v one sees\n%s", at, frame)
	}
	if frame, _ = Frame(p, page.Footer{}, size, Scroll{Lines: at.Lines}, style); !strings.Contains(frame, "chosen") {
		t.Errorf("what is chosen does not come back:\n%s", frame)
	}
}

// Japanese breaks anywhere but before what closes or a small kana, and behind
// what opens.
func TestJapaneseLines(t *testing.T) {
	for text, want := range map[string]string{
		"映像を見る":        "映像|を見|る",
		"件が(高い)順":      "件が|(高|い)順",
		"画面、次":         "画|面、|次",
		"ショット":         "ショ|ット",
		"値 95 % です":    "値|95 %|です",
		"形式 .md、.json": "形式|.md、|.json",
	} {
		n := 5
		if strings.Contains(text, "json") {
			n = 6
		}
		if got := strings.Join(wrap(text, n), "|"); got != want {
			t.Errorf("%s in %d cells: %s, want %s", text, n, got, want)
		}
	}
}
