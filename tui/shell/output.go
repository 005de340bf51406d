package shell

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"sync"
)

// leaves is what gives the screen back.
var leaves = []byte("\x1b[?1049l")

// output is the terminal as it is written to, by the renderer and between its
// frames. The pictures it holds are deleted before the screen is given back,
// whoever does that: after a panic or a signal it is Bubble Tea.
type output struct {
	f   *os.File
	way Graphics

	mu   sync.Mutex
	left bool
	held []uint32 // numbers of pictures
}

func (o *output) Read(p []byte) (int, error) { return o.f.Read(p) }
func (o *output) Close() error               { return o.f.Close() }
func (o *output) Fd() uintptr                { return o.f.Fd() }

// Write implements io.Writer. One call is one piece: nothing comes in between.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.left && bytes.Contains(p, leaves) {
		o.left = true
		for _, id := range o.held {
			if _, err := o.f.WriteString(o.way.wrap(forget(id))); err != nil {
				return 0, err
			}
		}
	}
	return o.f.Write(p)
}

// say writes what moves nothing on the screen; nothing once that is given
// back.
func (o *output) say(text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.speak(text)
}

func (o *output) speak(text string) error {
	if o.left {
		return nil
	}
	if _, err := o.f.WriteString(text); err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return nil
}

// hold hands a picture over, in the sequence that does it.
func (o *output) hold(id uint32, text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = append(o.held, id)
	return o.speak(text)
}

// drop deletes a picture.
func (o *output) drop(id uint32) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = slices.DeleteFunc(o.held, func(x uint32) bool { return x == id })
	return o.speak(o.way.wrap(forget(id)))
}

// forget deletes a picture and what it is made of.
func forget(id uint32) string { return fmt.Sprintf("\x1b_Ga=d,d=I,q=2,i=%d\x1b\\", id) }
