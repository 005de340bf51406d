package shell

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/cancelreader"
	"golang.org/x/term"
)

// patience is how long a terminal may take to answer before the UI starts. An
// answer that comes later is kept from the UI by input.
const patience = 150 * time.Millisecond

const (
	// question prints half a block and asks where that left the cursor, wipes
	// the line, and asks for the colour of the background.
	question = "\r\u2580\x1b[6n\r\x1b[K\x1b]11;?\x1b\\"
	// draws asks whether the terminal draws pictures: one pixel that is only
	// looked at. Where its text is shown instead, it is wiped.
	draws = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
	wipe  = "\r\x1b[K"
	// who asks what the terminal is, which every terminal answers: what comes
	// before that answer is all there will be.
	who = "\x1b[c"
	// places puts a clear pixel where placeholders will tell, and asks where the
	// cursor is: a terminal that does not know of placeholders draws at once and
	// moves on.
	places = "\r\x1b_Ga=T,U=1,q=2,i=31,c=2,r=1,s=1,v=1,f=32;AAAAAA==\x1b\\\x1b[6n" + wipe + "\x1b_Ga=d,d=I,q=2,i=31\x1b\\"
)

var (
	cursorAt = regexp.MustCompile(`\x1b\[\d+;(\d+)R`)
	colour   = regexp.MustCompile(`\x1b\]11;rgb:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})`)
	identity = regexp.MustCompile(`\x1b\[\?[\d;]*c`)
	drawn    = regexp.MustCompile(`\x1b_Gi=31;([^\x1b]*)\x1b\\`)
)

// Graphics says whether a terminal draws pictures itself, and how it is
// reached.
type Graphics int

// The ways to a terminal that draws.
const (
	NoGraphics Graphics = iota
	Direct
	ThroughTmux // which passes on what is wrapped for it
)

// wrap makes a sequence reach the terminal.
func (g Graphics) wrap(sequence string) string {
	if g == ThroughTmux {
		return ansi.TmuxPassthrough(sequence)
	}
	return sequence
}

// Traits are what a terminal says of itself.
type Traits struct {
	HalfBlocks bool     // a half block takes one cell, as a picture made of them needs
	Light      bool     // dark text on a light background
	Graphics   Graphics // it draws pictures where placeholders stand
}

// Ask asks the terminal. The width of a half block is ambiguous, and terminals
// under a Japanese locale may give it two cells. One that does not answer in
// time gets words, on what is taken for a dark background. Nothing is decided
// by the terminal's name; the environment only says what is in between.
func Ask(in, out *os.File) Traits {
	return ask(in, out, way(os.Getenv, tmuxOption(2*patience)), patience)
}

// way is how a question about pictures may be put. Multiplexers take it for
// the title of a window, so it is not put to them: tmux passes it on where its
// user allows that, others don't.
func way(getenv func(string) string, option func(name string) string) Graphics {
	name := getenv("TERM")
	switch {
	case getenv("TMUX") != "":
		if allowed := option("allow-passthrough"); allowed == "on" || allowed == "all" {
			return ThroughTmux
		}
		return NoGraphics
	case strings.HasPrefix(name, "screen"), strings.HasPrefix(name, "tmux"):
		return NoGraphics
	}
	return Direct
}

// tmuxOption looks up an option of the pane this runs in; "" where tmux has
// none, or does not say in time.
func tmuxOption(within time.Duration) func(name string) string {
	return func(name string) string {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		value, err := exec.CommandContext(ctx, "tmux", "show-options", "-Apqv", name).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(value))
	}
}

func ask(in, out *os.File, way Graphics, wait time.Duration) Traits {
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return Traits{}
	}
	defer func() { _ = term.Restore(int(in.Fd()), state) }()
	text := question
	if way != NoGraphics {
		text += way.wrap(draws) + wipe
	}
	if _, err := out.WriteString(text + who); err != nil {
		return Traits{}
	}
	said := answer(in, wait, func(said []byte) bool {
		// tmux says itself what it is, and so before the terminal has spoken
		return identity.Match(said) && (way != ThroughTmux || drawn.Match(said))
	})
	t := Traits{HalfBlocks: column(said) == 2, Light: light(said)}
	if m := drawn.FindStringSubmatch(said); m == nil || m[1] != "OK" {
		return t
	}
	if way == ThroughTmux || knowsPlaces(in, out, wait) {
		t.Graphics = way
	}
	return t
}

// knowsPlaces says whether placeholders are known to a terminal that draws.
func knowsPlaces(in, out *os.File, wait time.Duration) bool {
	if _, err := out.WriteString(places + who); err != nil {
		return false
	}
	return column(answer(in, wait, identity.Match)) == 1
}

// column is where the cursor is said to be, from column 1; 0 where that is not
// said.
func column(text string) int {
	m := cursorAt.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	column, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return column
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

// answer reads what the terminal says until that is enough, or for so long.
func answer(in *os.File, within time.Duration, enough func([]byte) bool) string {
	r, err := cancelreader.NewReader(in)
	if err != nil {
		return ""
	}
	defer r.Close()
	limit := time.AfterFunc(within, func() { r.Cancel() })
	defer limit.Stop()
	var text []byte
	for buf := make([]byte, 64); !enough(text); {
		n, err := r.Read(buf)
		text = append(text, buf[:n]...)
		if err != nil {
			break
		}
	}
	return string(text)
}
