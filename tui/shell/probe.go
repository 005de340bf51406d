package shell

import (
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/muesli/cancelreader"
	"golang.org/x/term"
)

// patience is how long a terminal may take to answer before the UI starts.
const patience = 150 * time.Millisecond

// question prints half a block and asks where that left the cursor, wipes the
// line, asks for the colour of the background, then what the terminal is, which
// every terminal answers: what comes before that answer is all there will be.
const question = "\r\u2580\x1b[6n\r\x1b[K\x1b]11;?\x1b\\\x1b[c"

var (
	cursorAt = regexp.MustCompile(`\x1b\[\d+;(\d+)R`)
	colour   = regexp.MustCompile(`\x1b\]11;rgb:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})`)
	identity = regexp.MustCompile(`\x1b\[\?[\d;]*c`)
)

// Traits are what a terminal says of itself.
type Traits struct {
	HalfBlocks bool // a half block takes one cell, as a picture made of them needs
	Light      bool // dark text on a light background
}

// Ask asks the terminal. The width of a half block is ambiguous, and terminals
// under a Japanese locale may give it two cells. One that does not answer in
// time gets words, on what is taken for a dark background. Nothing is decided
// by the terminal's name.
func Ask(in, out *os.File) Traits {
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return Traits{}
	}
	defer func() { _ = term.Restore(int(in.Fd()), state) }()
	if _, err := out.WriteString(question); err != nil {
		return Traits{}
	}
	text := answer(in, patience)
	return Traits{HalfBlocks: narrow(text), Light: light(text)}
}

// narrow reads the answer: one cell leaves the cursor in the second column.
func narrow(text string) bool {
	m := cursorAt.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	column, err := strconv.Atoi(m[1])
	return err == nil && column == 2
}

// light reads the background: more light than dark, by the luma of ITU-R
// BT.601.
func light(text string) bool {
	m := colour.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	luma := 0.0
	for i, weight := range []float64{0.299, 0.587, 0.114} {
		digits := m[i+1]
		n, err := strconv.ParseUint(digits, 16, 16)
		if err != nil {
			return false
		}
		luma += weight * float64(n) / float64(uint64(1)<<(4*len(digits))-1)
	}
	return luma > 0.5
}

// answer reads what the terminal says within the time.
func answer(in *os.File, within time.Duration) string {
	r, err := cancelreader.NewReader(in)
	if err != nil {
		return ""
	}
	defer r.Close()
	limit := time.AfterFunc(within, func() { r.Cancel() })
	defer limit.Stop()
	var text []byte
	for buf := make([]byte, 64); !identity.Match(text); {
		n, err := r.Read(buf)
		text = append(text, buf[:n]...)
		if err != nil {
			break
		}
	}
	return string(text)
}
