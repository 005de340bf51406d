package shell

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"hash/maphash"
	"os"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/kitty"

	"framepilot/tui/page"
)

// gallery sees to it that the terminal holds the pictures of the frame and no
// others. It implements paint.Images. Pictures are handed over beside the UI,
// one turn at a time, and drawn once they are there.
type gallery struct {
	out  *output
	seed maphash.Seed
	held map[hung]*picture
	next uint32
	busy bool
}

// hung is a picture in a place of some size.
type hung struct {
	sum                  uint64 // of its pixels
	width, columns, rows int
}

type picture struct {
	id    uint32
	page  page.Picture
	there bool
	drawn bool // in the frame that was painted last
}

func newGallery(out *output) *gallery {
	return &gallery{out: out, seed: maphash.MakeSeed(), held: map[hung]*picture{}}
}

// number is a new one: the highest byte is of this process, as other panes of
// a tmux share the terminal; the lowest is a colour no multiplexer rewrites.
func (g *gallery) number() uint32 {
	g.next++
	return uint32(1+os.Getpid()%255)<<24 | (16 + g.next%240)
}

// Image implements paint.Images.
func (g *gallery) Image(p page.Picture, columns, rows int) (id uint32, ok bool) {
	at := hung{maphash.Bytes(g.seed, p.RGB), p.Width, columns, rows}
	if g.held[at] == nil {
		g.held[at] = &picture{id: g.number(), page: p}
	}
	g.held[at].drawn = true
	return g.held[at].id, g.held[at].there
}

// clear is to be called before a frame is painted.
func (g *gallery) clear() {
	for _, p := range g.held {
		p.drawn = false
	}
}

// handed says which pictures the terminal has been given.
type handed struct {
	pictures []*picture
	err      error
}

// turn brings the terminal up to the frame that was painted; nil where it is,
// or the last turn is not over.
func (g *gallery) turn() tea.Cmd {
	if g.busy {
		return nil
	}
	var gone []uint32
	var come []*picture
	places := map[uint32]hung{}
	for at, p := range g.held {
		switch {
		case !p.drawn:
			delete(g.held, at)
			if p.there {
				gone = append(gone, p.id)
			}
		case !p.there:
			come = append(come, p)
			places[p.id] = at
		}
	}
	if len(gone)+len(come) == 0 {
		return nil
	}
	g.busy = true
	return func() tea.Msg {
		for _, id := range gone {
			if err := g.out.drop(id); err != nil {
				return handed{nil, err}
			}
		}
		for _, p := range come {
			if err := g.out.hold(p.id, transmit(g.out.way, p.id, p.page, places[p.id])); err != nil {
				return handed{nil, err}
			}
		}
		return handed{come, nil}
	}
}

// over ends a turn.
func (g *gallery) over(h handed) {
	g.busy = false
	for _, p := range h.pictures {
		p.there = true
	}
}

// transmit hands a picture over for a place of some size, in pieces as long as
// the protocol allows, and asks for no answer.
func transmit(way Graphics, id uint32, p page.Picture, at hung) string {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, err := z.Write(p.RGB)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic("shell: " + err.Error()) // memory takes what is written
	}
	data := base64.StdEncoding.EncodeToString(packed.Bytes())
	options := []string{"a=T", "U=1", "q=2", "f=24", "o=z", fmt.Sprint("s=", p.Width), fmt.Sprint("v=", p.Height),
		fmt.Sprint("i=", id), fmt.Sprint("c=", at.columns), fmt.Sprint("r=", at.rows)}
	var text strings.Builder
	for {
		n := min(len(data), kitty.MaxChunkSize)
		more := "m=1"
		if n == len(data) {
			more = "m=0"
		}
		text.WriteString(way.wrap(ansi.KittyGraphics([]byte(data[:n]), append(options, more)...)))
		if data = data[n:]; data == "" {
			return text.String()
		}
		options = []string{"q=2"}
	}
}
