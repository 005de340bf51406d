// Package page is what a screen says, before anybody draws it: the terminal
// UI paints it, the linear mode reads it out, tests look at it. All text is in
// the reader's language already.
//
// Meaning is never in colour alone: a tone only repeats what a word says.
package page

import "slices"

// Page is one screen.
type Page struct {
	Title   []string // from the whole to the part: pilot, screen
	Blocks  []Block  // from top to bottom
	Right   []Block  // what follows; beside the blocks in a wide terminal
	Foot    []Block  // below the blocks and always in sight, however long they are
	Below   []Block  // worth seeing too, below the blocks; shown only where there is room, as a key shows it as well
	Aside   []Block  // the same, below what is on the right
	Actions []Action // what can be done now, the likeliest first
	Status  string   // what just happened; may be empty
}

// Footer is what stands below every page: the screens there are, the keys that
// work on all of them, and what is said where only a part of the page fits.
type Footer struct {
	Screens            []Screen
	Keys               string
	Below, Above, Both string // where the rest of the page is
}

// Screen is one of the screens there are.
type Screen struct {
	Key, Name string
	Here      bool // it is the one that is shown
}

// Block is a part of a page: Text, Fields, Table, Gauge, Bars, Curve, Matrix,
// Form or Picture.
type Block interface{ block() }

// Tone repeats the meaning of a word in colour.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Bad
	Warn
	Dim
	Strong
)

// Text is a paragraph, wrapped to the width there is.
type Text struct {
	Text string
	Tone Tone
}

// Fields are labels with values.
type Fields struct {
	Name  string // heading; may be empty
	Items []Field
}

// Field is one of Fields.
type Field struct {
	Label, Value string
	Tone         Tone
}

// Table has rows to choose from or to read.
type Table struct {
	Name     string
	Columns  []Column
	Rows     []Row
	Selected int    // index of the marked row; -1 = none
	Empty    string // said where there are no rows
}

// Column of a table. Of the columns that do not fit, those with the highest
// Rank are left out first; rank 0 always stays. Before that the columns that
// wrap get narrower, and the first is cut.
type Column struct {
	Head  string
	Right bool // numbers
	Wrap  bool // text that goes on in the next line rather than being cut
	Rank  int
	Least int // cells that one which wraps, and the first, keep while others can be left out; 0 = 12
}

// Row of a table: a cell for each column.
type Row struct {
	Cells []string
	Tone  Tone
}

// Gauge is how far something has come.
type Gauge struct {
	Label string
	Share float64 // 0 to 1
	Text  string  // "212 of 720 clips, 3.1 a second, 2 min left"
}

// Bars are numbers with intervals, one a row, on a common scale: shares in
// [0, 1] unless Unit says what they count.
type Bars struct {
	Name     string
	Unit     string // e.g. JPY; "" = shares, written in percent
	Rows     []Bar
	Selected int // -1 = none
}

// Bar is one of Bars.
type Bar struct {
	Label            string
	Value, Low, High float64
	Again            *Span    // how far it went where it was measured again and again; nil = it was not
	Need             *float64 // what is asked for; nil = nothing
	Text             string   // the numbers in words: "71.0 % [68.8, 73.2]"
	Tone             Tone
}

// Span is from one number to another.
type Span struct{ Low, High float64 }

// Curve is a line through points, x rising.
type Curve struct {
	Name            string
	X, Y, Low, High []float64 // Low and High may be nil
	Ahead           int       // how many of the last points are expected, not measured
	Log             bool      // twice as much is as far, wherever one is; x > 0
	Zero            bool      // the scale of y begins at zero
	Square          bool      // x and y are percent, and should be the same
	XLabel          string
	Text            string // what it says, for who can't see it
}

// Matrix is a confusion matrix: counts by truth, then prediction.
type Matrix struct {
	Name   string
	Labels []string
	Counts [][]int
	Some   string // said where only the classes most mistaken fit
	Text   string // the worst pairs in words
}

// Form is a few values to fill in.
type Form struct {
	Name   string
	Inputs []Input
	At     int // the one being typed into
}

// Input is one value of a form.
type Input struct {
	Label, Value string
	Cursor       int      // runes of Value before the place where one types
	Choices      []string // all that will do, for left and right to go through; nil = any text
	Hint         string
	Keys         string // which keys help to answer it, for who sees what they do
	Problem      string // why the value can't be taken; empty if it can
}

// Picture is a small image, drawn where there are colours.
type Picture struct {
	Width, Height int    // pixels
	RGB           []byte // 3 × Width × Height; nil where there is nothing to draw
	Columns       int    // cells it is to be wide, where there are so many; 0 = Width
	Text          string // what it shows, for who can't see it
}

// Action is a key and what it does.
type Action struct {
	Key     string // "enter", "r", "1", as the keyboard names it
	Label   string
	Why     string // why it can't be done now; empty if it can
	Command string // the same from the command line; empty where there is none
	Reads   bool   // the command changes nothing
}

// All are the blocks that are always shown, in their order.
func (p Page) All() []Block { return slices.Concat(p.Blocks, p.Right, p.Foot) }

// Chooses says whether up and down move through something on the page.
func (p Page) Chooses() bool {
	return slices.ContainsFunc(p.All(), func(b Block) bool {
		switch b := b.(type) {
		case Table:
			return len(b.Rows) > 0 && b.Selected >= 0
		case Bars:
			return len(b.Rows) > 0 && b.Selected >= 0
		case Form:
			return true
		}
		return false
	})
}

func (Text) block()    {}
func (Fields) block()  {}
func (Table) block()   {}
func (Gauge) block()   {}
func (Bars) block()    {}
func (Curve) block()   {}
func (Matrix) block()  {}
func (Form) block()    {}
func (Picture) block() {}
