package cli

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"framepilot/adapt/featurefile"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// loader reads a feature file.
type loader func(path string) (probe.Features, error)

// loadPair reads both feature files and makes them agree on the classes. No
// file means no clips.
func loadPair(train, test string, load loader) (trainF, testF probe.Features, err error) {
	if test == "" {
		trainF, err = load(train)
		return trainF, trainF.Take(nil), err
	}
	if testF, err = load(test); err != nil {
		return
	}
	trainF = probe.Features{X: probe.NewMatrix(0, testF.X.Cols), Scale: testF.Scale, Frames: testF.Frames}
	if train != "" {
		if trainF, err = load(train); err != nil {
			return
		}
	}
	if trainF.X.Cols != testF.X.Cols || trainF.Frames != testF.Frames {
		err = fault.New(fault.Input, "both must come from one model", "fit: %s has features of width %d with %d frames, %s of %d with %d", train, trainF.X.Cols, trainF.Frames, test, testF.X.Cols, testF.Frames)
		return
	}
	if train != "" && testF.Labels != nil && trainF.Truth != nil || trainF.Labels != nil && testF.Truth != nil {
		err = fault.New(fault.Input, "give both labels of one shape: [N], or [N, classes]", "fit: the clips of one file are of one class each, those of the other of several")
		return
	}
	err = sameClasses([2]string{train, test}, &trainF, &testF)
	return
}

func (a *app) loadFeatures(path string, normalise bool) (probe.Features, error) {
	f, unit, err := featurefile.Load(path)
	if err == nil && normalise {
		f.X.Normalize()
		f.Text.Normalize()
		unit = true
	}
	return a.loaded(path, f, unit, err)
}

// streamFeatures is loadFeatures of rows as they are; what they hold of frames
// stays in the file until it is closed.
func (a *app) streamFeatures(path string) (probe.Features, io.Closer, error) {
	f, unit, file, err := featurefile.Stream(path)
	f, err = a.loaded(path, f, unit, err)
	return f, file, err
}

// loaded says what is odd about a file that was read, and how to mend it.
func (a *app) loaded(path string, f probe.Features, unit bool, err error) (probe.Features, error) {
	if err != nil && !strings.EqualFold(filepath.Ext(path), ".safetensors") {
		return f, fault.New(fault.Input, cmp.Or(fault.HintOf(err), "feature files end in .safetensors; `framepilot embed` makes them"), "%w", err)
	}
	if err == nil && !unit {
		fmt.Fprintf(a.errs, "note: rows of %s are not of unit length, which methods expect: scale them, or fit them with --normalise\n", path)
	}
	return f, err
}
