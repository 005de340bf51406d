package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"framepilot/internal/lang"
	"framepilot/internal/words"
)

// progress draws one line of how far something is: redrawn in place on a
// terminal, at most ten times a second; elsewhere a plain line every tenth of
// the way, at most one a second.
type progress struct {
	w        io.Writer
	terminal bool
	language lang.Language
	width    func() int // of the terminal in columns; 0 = not known
	now      func() time.Time
	began    time.Time
	from     int64 // what was done when it began
	drawn    time.Time
	tenth    int
	open     bool // a line without its newline is on the terminal
}

func (a *app) progress() *progress {
	p := &progress{w: a.errs, now: time.Now, language: a.language}
	if f, ok := a.errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.terminal = true
		p.width = func() int {
			width, _, _ := term.GetSize(int(f.Fd())) // 0 where it can't be told
			return width
		}
	}
	return p
}

// show reports done of total; text describes it, e.g. "12 of 40 clips".
func (p *progress) show(done, total int64, text string) {
	now := p.now()
	if p.began.IsZero() {
		p.began, p.from = now, done
	}
	if p.terminal {
		if now.Sub(p.drawn) < 100*time.Millisecond && done < total {
			return
		}
		fmt.Fprintf(p.w, "\r\x1b[K%s %s%s", bar(done, total), text, p.remaining(now, done, total))
		p.drawn, p.open = now, true
		return
	}
	tenth := 10
	if total > 0 {
		tenth = int(done * 10 / total)
	}
	if tenth > p.tenth && (now.Sub(p.drawn) >= time.Second || done >= total) {
		p.tenth, p.drawn = tenth, now
		fmt.Fprintln(p.w, text+p.remaining(now, done, total))
	}
}

// bar draws done of total.
func bar(done, total int64) string {
	const width = 20
	full := width
	if total > 0 {
		full = int(min(done, total) * width / total)
	}
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "]"
}

// remaining says how long the rest takes at the rate so far, once that means
// something.
func (p *progress) remaining(now time.Time, done, total int64) string {
	took := now.Sub(p.began)
	if done <= p.from || done >= total || took < time.Second {
		return ""
	}
	left := time.Duration(float64(took) / float64(done-p.from) * float64(total-done))
	return p.language.Say(words.Say(", about %s left", left.Round(time.Second)))
}

// line prints a full line of talk without tearing the one being redrawn. On a
// terminal it is wrapped between words; elsewhere it stays one line, for tools
// that search lines.
func (p *progress) line(format string, args ...any) {
	p.end()
	text := p.language.Say(words.Say(format, args...))
	const indent, narrowest = "  ", 20
	if p.terminal {
		if width := p.width(); width >= narrowest {
			text = strings.ReplaceAll(ansi.Wordwrap(text, width-len(indent), ""), "\n", "\n"+indent)
		}
	}
	fmt.Fprintln(p.w, text)
}

// end finishes the line being redrawn; the next show starts afresh.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.w)
	}
	p.open, p.began, p.drawn, p.tenth = false, time.Time{}, time.Time{}, 0
}
