package bundle

import (
	"fmt"
	"slices"
	"strconv"

	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// node is a classifier as the JSON text says it. Its arrays are the tensors
// PATH/NAME, PATH being "classifier" for the outermost and PATH/0, PATH/1, …
// for those that a classifier at PATH asks.
type node struct {
	Kind    string             `json:"kind"`
	Numbers map[string]float64 `json:"numbers,omitempty"`
	Arrays  []string           `json:"arrays,omitempty"`
	Inner   []node             `json:"inner,omitempty"`
}

// maxDepth is how many classifiers may ask one another.
const maxDepth = 8

// shelf holds the tensors of a file: those to be written, or those of a file
// that is read, of which all must be used.
type shelf struct {
	entries []safetensors.Entry
	file    *safetensors.File
	used    map[string]bool
}

// put adds an array, in float32 where that holds all its values.
func (s *shelf) put(name string, a probe.Array) {
	shape := []int{a.Rows, a.Cols}
	single := make([]float32, len(a.Data))
	for i, v := range a.Data {
		if single[i] = float32(v); float64(single[i]) != v {
			s.entries = append(s.entries, safetensors.Float64Entry(name, shape, a.Data))
			return
		}
	}
	s.entries = append(s.entries, safetensors.Float32Entry(name, shape, single))
}

// get reads an array.
func (s *shelf) get(name string) (probe.Array, error) {
	info, ok := s.file.Info(name)
	if !ok {
		return probe.Array{}, fmt.Errorf("there is no tensor %q", name)
	}
	if len(info.Shape) != 2 {
		return probe.Array{}, fmt.Errorf("tensor %q has %d dimensions, want rows and columns", name, len(info.Shape))
	}
	s.used[name] = true
	values, err := s.file.Doubles(name)
	return probe.Array{Rows: info.Shape[0], Cols: info.Shape[1], Data: values}, err
}

// takeApart puts the arrays of a classifier on the shelf.
func (s *shelf) takeApart(c probe.Classifier, path string) (node, error) {
	stored, ok := c.(probe.Stored)
	if !ok {
		return node{}, fmt.Errorf("a classifier of type %T cannot be stored", c)
	}
	p := stored.Parts()
	n := node{Kind: p.Kind, Numbers: p.Numbers}
	for name := range p.Arrays {
		n.Arrays = append(n.Arrays, name)
	}
	slices.Sort(n.Arrays)
	for _, name := range n.Arrays {
		s.put(path+"/"+name, p.Arrays[name])
	}
	for i, inner := range p.Inner {
		in, err := s.takeApart(inner, path+"/"+strconv.Itoa(i))
		if err != nil {
			return n, err
		}
		n.Inner = append(n.Inner, in)
	}
	return n, nil
}

// putTogether is takeApart's inverse, for clips of a width and so many
// classes.
func (s *shelf) putTogether(n node, path string, width, classes, depth int) (probe.Classifier, error) {
	if depth == maxDepth {
		return nil, fmt.Errorf("more than %d classifiers ask one another", maxDepth)
	}
	p := probe.Parts{Kind: n.Kind, Numbers: n.Numbers, Arrays: map[string]probe.Array{}}
	for _, name := range n.Arrays {
		a, err := s.get(path + "/" + name)
		if err != nil {
			return nil, err
		}
		p.Arrays[name] = a
	}
	for i, in := range n.Inner {
		inner, err := s.putTogether(in, path+"/"+strconv.Itoa(i), width, probe.InnerClasses(n.Kind, classes), depth+1)
		if err != nil {
			return nil, err
		}
		p.Inner = append(p.Inner, inner)
	}
	return probe.Load(p, width, classes, loaders())
}

// The tensors of the reference. Those without a row are left out.
const (
	featuresTensor = "reference/features" // (N, d)
	labelsTensor   = "reference/labels"   // N, -1 unknown; (N, C) of 0 and 1 where a clip may be of several classes
	groupsTensor   = "reference/groups"   // N numbers
	textTensor     = "reference/text"     // (C, d)
	logitsTensor   = "reference/logits"   // (N, C) held out
	judgedTensor   = "reference/judged"   // rows of it that can be judged
)

// refer puts the reference on the shelf.
func (s *shelf) refer(b *Bundle) error {
	r := b.Reference
	if r.Text.Rows > 0 {
		s.put(textTensor, probe.ArrayOf(r.Text))
	}
	if r.Len() == 0 {
		return nil
	}
	groups := make([]int, r.Len())
	for i, g := range r.Groups {
		var err error
		if groups[i], err = strconv.Atoi(g); err != nil {
			return fmt.Errorf("recording %q of the reference is not a number", g)
		}
	}
	s.put(featuresTensor, probe.ArrayOf(r.X))
	if b.Multi() {
		s.put(labelsTensor, probe.ArrayOf(r.Membership()))
	} else {
		s.put(labelsTensor, probe.RowOf(r.Labels))
	}
	s.put(groupsTensor, probe.RowOf(groups))
	if b.HeldOut.Logits.Rows > 0 {
		s.put(logitsTensor, probe.ArrayOf(b.HeldOut.Logits))
	}
	if len(b.HeldOut.Rows) > 0 {
		s.put(judgedTensor, probe.RowOf(b.HeldOut.Rows))
	}
	return nil
}

// reference is refer's inverse.
func (s *shelf) reference(b *Bundle) error {
	p := probe.Parts{Kind: "reference", Arrays: map[string]probe.Array{}}
	for _, name := range []string{featuresTensor, labelsTensor, groupsTensor, textTensor, logitsTensor, judgedTensor} {
		if _, ok := s.file.Info(name); !ok {
			continue
		}
		a, err := s.get(name)
		if err != nil {
			return err
		}
		p.Arrays[name] = a
	}
	b.Reference = probe.Features{X: probe.NewMatrix(0, b.Width), Classes: b.Classes, Scale: b.Scale}
	_, err := probe.Load(p, b.Width, len(b.Classes), map[string]probe.Loader{p.Kind: func(r *probe.PartsReader) probe.Classifier {
		if r.Rows(textTensor) > 0 {
			b.Reference.Text = r.Matrix(textTensor, r.Classes, r.Width)
		}
		n := r.Rows(featuresTensor)
		if n == 0 {
			return nil
		}
		b.Reference.X = r.Matrix(featuresTensor, n, r.Width)
		if b.Multi() && r.Rows(labelsTensor) != 1 {
			b.Reference.SetMembership(r.Matrix(labelsTensor, n, r.Classes))
		} else {
			b.Reference.Labels = r.Whole(labelsTensor, n, probe.Unlabelled, r.Classes-1)
		}
		for _, g := range r.Whole(groupsTensor, n, 0, 1<<31-1) {
			b.Reference.Groups = append(b.Reference.Groups, strconv.Itoa(g))
		}
		if r.Rows(logitsTensor) > 0 {
			b.HeldOut.Logits = r.Matrix(logitsTensor, n, r.Classes)
		}
		if r.Rows(judgedTensor) > 0 {
			b.HeldOut.Rows = r.Whole(judgedTensor, r.Cols(judgedTensor), 0, n-1)
		}
		return nil
	}})
	if err != nil {
		return err
	}
	for i, row := range b.HeldOut.Rows {
		if b.HeldOut.Logits.Rows == 0 || b.Reference.Labels[row] == probe.Unlabelled || i > 0 && row <= b.HeldOut.Rows[i-1] {
			return fmt.Errorf("row %d of the reference cannot be judged", row)
		}
	}
	return b.Reference.Check()
}
