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
// line, then asks what the terminal is, which every terminal answers: what
// comes before that answer is all there will be.
const question = "\r\u2580\x1b[6n\r\x1b[K\x1b[c"

var (
	cursorAt = regexp.MustCompile(`\x1b\[\d+;(\d+)R`)
	identity = regexp.MustCompile(`\x1b\[\?[\d;]*c`)
)

// HalfBlocks asks the terminal whether a half block takes one cell, as a
// picture made of them needs: its width is ambiguous, and terminals under a
// Japanese locale may give it two. A terminal that does not answer in time
// gets words. Nothing is decided by the terminal's name.
func HalfBlocks(in, out *os.File) bool {
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return false
	}
	defer func() { _ = term.Restore(int(in.Fd()), state) }()
	if _, err := out.WriteString(question); err != nil {
		return false
	}
	return narrow(answer(in, patience))
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
