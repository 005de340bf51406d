package shell

import "os"

// input is the keyboard. A terminal that answers a question after patience ran
// out answers here, where Bubble Tea would take its words for keys; they are
// left out: what begins as an answer in a string of the terminal's (ESC _ G or
// ESC ] and a digit) and all up to its end.
type input struct {
	f     *os.File
	state inputState
	begun []byte // of what may become an answer
	long  int    // of the answer so far
	late  []byte // keys that did not fit into the last read
}

type inputState int

const (
	keys    inputState = iota
	escaped            // after ESC
	opened             // after ESC _ or ESC ]
	saying             // in an answer
	closing            // in an answer, after ESC
)

// maxAnswer is how long an answer may be; what goes on is none.
const maxAnswer = 256

func (i *input) Write(p []byte) (int, error) { return i.f.Write(p) }
func (i *input) Close() error                { return i.f.Close() }
func (i *input) Fd() uintptr                 { return i.f.Fd() }
func (i *input) Name() string                { return i.f.Name() }

func (i *input) Read(p []byte) (int, error) {
	n, err := i.f.Read(p)
	i.late = append(i.late, i.typed(p[:n])...)
	n = copy(p, i.late)
	i.late = i.late[n:]
	return n, err
}

// typed is what was typed of what came.
func (i *input) typed(came []byte) []byte {
	var out []byte
	release := func() {
		out = append(out, i.begun...)
		i.begun, i.state = nil, keys
	}
	for _, b := range came {
	again:
		switch i.state {
		case keys:
			if b != 0x1b {
				out = append(out, b)
				continue
			}
			i.state, i.begun = escaped, []byte{b}
		case escaped:
			if b != '_' && b != ']' {
				release()
				goto again
			}
			i.state, i.begun = opened, append(i.begun, b)
		case opened:
			if i.begun[1] == '_' && b != 'G' || i.begun[1] == ']' && (b < '0' || b > '9') {
				release()
				goto again
			}
			i.state, i.begun, i.long = saying, nil, 0
		case saying:
			i.long++
			switch {
			case b == 0x07, b < ' ' && b != 0x1b, i.long > maxAnswer:
				i.state = keys
			case b == 0x1b:
				i.state = closing
			}
		case closing:
			if i.state = keys; b != '\\' {
				i.begun, i.state = []byte{0x1b}, escaped
				goto again
			}
		}
	}
	if i.state == escaped { // nothing follows: it is the key
		release()
	}
	return out
}
