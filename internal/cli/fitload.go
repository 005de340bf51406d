package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"framepilot/adapt/featurefile"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// loadPair reads both feature files and makes them agree on the classes: the
// one that names more, or has the text matrix, speaks for both. No file means
// no clips.
func (a *app) loadPair(train, test string, normalise bool) (trainF, testF probe.Features, err error) {
	if test == "" {
		trainF, err = a.loadFeatures(train, normalise)
		return trainF, trainF.Take(nil), err
	}
	if testF, err = a.loadFeatures(test, normalise); err != nil {
		return
	}
	trainF = probe.Features{X: probe.NewMatrix(0, testF.X.Cols), Scale: testF.Scale, Frames: testF.Frames}
	if train != "" {
		if trainF, err = a.loadFeatures(train, normalise); err != nil {
			return
		}
	}
	if trainF.X.Cols != testF.X.Cols || trainF.Frames != testF.Frames {
		err = fault.New(fault.Input, "both must come from one model", "fit: %s has features of width %d with %d frames, %s of %d with %d", train, trainF.X.Cols, trainF.Frames, test, testF.X.Cols, testF.Frames)
		return
	}
	classes := trainF.Classes
	if len(testF.Classes) > len(classes) {
		classes = testF.Classes
	}
	text := trainF.Text
	if text.Rows == 0 {
		text = testF.Text
	}
	if text.Rows != 0 && text.Rows != len(classes) {
		err = fault.New(fault.Input, "", "fit: the text matrix has %d rows for %d classes", text.Rows, len(classes))
		return
	}
	if train != "" && testF.Labels != nil && trainF.Truth != nil || trainF.Labels != nil && testF.Truth != nil {
		err = fault.New(fault.Input, "give both labels of one shape: [N], or [N, classes]", "fit: the clips of one file are of one class each, those of the other of several")
		return
	}
	trainF.Classes, testF.Classes, trainF.Text, testF.Text = classes, classes, text, text
	return
}

// loadParts reads a feature file that says in which part each clip is.
func (a *app) loadParts(path string, normalise bool) (train, test, val probe.Features, err error) {
	train, test, val, unit, err := featurefile.LoadParts(path)
	if err != nil {
		return train, test, val, err
	}
	if normalise {
		for _, f := range []probe.Features{train, test, val} {
			f.X.Normalize()
		}
	} else {
		a.noteLengths(path, unit)
	}
	return train, test, val, nil
}

// noteLengths says that rows are not as methods expect them.
func (a *app) noteLengths(path string, unit bool) {
	if !unit {
		fmt.Fprintf(a.errs, "note: rows of %s are not of unit length, which methods expect; --normalise makes them so\n", path)
	}
}

func (a *app) loadFeatures(path string, normalise bool) (probe.Features, error) {
	f, unit, err := featurefile.Load(path)
	if err != nil && !strings.EqualFold(filepath.Ext(path), ".safetensors") {
		return f, fault.New(fault.Input, "feature files end in .safetensors; framepilot embed makes them", "%w", err)
	}
	if err == nil && normalise {
		f.X.Normalize()
	} else if err == nil {
		a.noteLengths(path, unit)
	}
	return f, err
}
