package bundle

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// MaxReference is how many training clips a bundle keeps the embeddings of.
const MaxReference = 1000

// New makes a bundle of a fitted method. Temperature and thresholds are set on
// held-out training clips, as far as there are enough; a classifier of clips
// that may be of several classes brings its own.
func New(ctx context.Context, method string, fitted probe.Fitted, train probe.Features, o Origin) (*Bundle, error) {
	if _, ok := fitted.Classifier.(probe.Stored); !ok {
		return nil, fmt.Errorf("bundle: a classifier of method %s cannot be stored", method)
	}
	if train.Truth != nil && !probe.Multi(fitted.Classifier) {
		return nil, fault.New(fault.Input, "label a few clips of several classes to set thresholds on, or take sigmoid",
			"bundle: %s ranks clips by each class, and nothing says from where on a clip is of it", method)
	}
	b := &Bundle{
		Classes: train.Classes, Width: train.X.Cols, Scale: train.LogitScale(), Classifier: fitted.Classifier, Temperature: 1,
		Origin: o, Method: method, Choices: fitted.Choices, Training: count(train),
	}
	if b.Multi() { // calibrated already, class by class
		b.refer(train, probe.HeldOut{})
		return b, nil
	}
	b.refer(train, fitted.HeldOut)
	if len(fitted.HeldOut.Rows) == 0 {
		return b, nil
	}
	calm, err := fitted.Calibrated(train.Labels)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	b.Temperature = calm.Choices[len(calm.Choices)-1].Value
	if err := b.judge(ctx, calm, train); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	return b, nil
}

// judge sets conformal sets and none-of-the-above on what calibrated fits that
// had not seen the training clips say of them, as far as there are enough.
func (b *Bundle) judge(ctx context.Context, calm probe.Fitted, train probe.Features) error {
	conformal, err := probe.FitConformal(calm.HeldOut, train, probe.ConformalOptions{})
	if err != nil {
		return err
	}
	if !math.IsInf(slices.Max(conformal.Thresholds), 1) {
		b.Conformal = conformal
	}
	unknown, err := calm.Unknown(ctx, train)
	switch {
	case err == nil:
		b.Unknown = &unknown
	case fault.KindOf(err) != fault.Input: // else there are too few classes to hold one out
		return err
	}
	return nil
}

func count(train probe.Features) Training {
	t := Training{Shots: make([]int, len(train.Classes))}
	for _, of := range train.Truth {
		for _, y := range of {
			t.Shots[y]++
		}
		t.Clips++
	}
	for _, y := range train.Labels {
		if y != probe.Unlabelled {
			t.Shots[y]++
			t.Clips++
		}
	}
	_, t.Groups = probe.NumberGroups(train.Groups, train.Len())
	for _, site := range train.Sites {
		if site != "" && !slices.Contains(t.Sites, site) {
			t.Sites = append(t.Sites, site)
		}
	}
	slices.Sort(t.Sites)
	if train.Len() > 0 {
		t.Digest = fmt.Sprintf("%x", train.Digest())
	}
	return t
}

// refer keeps clips and what was said of them by fits that had not seen them.
// Of many clips it keeps some of every recording, at random.
func (b *Bundle) refer(train probe.Features, held probe.HeldOut) {
	number, count := probe.NumberGroups(train.Groups, train.Len())
	groups := make([][]int, count)
	for i, g := range number {
		groups[g] = append(groups[g], i)
	}
	rng := rand.New(rand.NewPCG(1, uint64(train.Len())))
	rng.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	for _, rows := range groups {
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
	var keep []int
	for round := 0; len(keep) < min(MaxReference, train.Len()); round++ {
		for _, rows := range groups {
			if round < len(rows) && len(keep) < MaxReference {
				keep = append(keep, rows[round])
			}
		}
	}
	slices.Sort(keep)

	b.Reference = train.Take(keep)
	b.Reference.X = b.Reference.X.Block(0, len(keep)) // with the frames that were on a disk
	b.Reference.IDs, b.Reference.Sites, b.Reference.Scale = nil, nil, b.Scale
	if len(b.Reference.Labels) == 0 || b.Multi() {
		b.Reference.Labels = slices.Repeat([]int{probe.Unlabelled}, len(keep))
	}
	b.Reference.Groups = make([]string, len(keep))
	for i, r := range keep {
		b.Reference.Groups[i] = strconv.Itoa(number[r])
	}
	if held.Logits.Rows == 0 {
		return
	}
	b.HeldOut.Logits = held.Logits.Take(keep)
	for i, r := range keep {
		if _, judged := slices.BinarySearch(held.Rows, r); judged {
			b.HeldOut.Rows = append(b.HeldOut.Rows, i)
		}
	}
}
