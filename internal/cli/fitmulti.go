package cli

import (
	"fmt"
	"io"

	"framepilot/probe"
)

// fitMulti is what a classifier of clips that may be of several classes, or
// of none, is worth.
type fitMulti struct {
	Clips int `json:"clips"`
	fitLook
	MAP      fitRate    `json:"map"`                // mean average precision over the classes measured
	MacroF1  *fitRange  `json:"macro_f1,omitempty"` // at the thresholds; null where none were set
	MicroF1  *fitRange  `json:"micro_f1,omitempty"`
	PerClass []fitClass `json:"per_class"`
	Videos   *fitVideos `json:"videos,omitempty"` // where clips are windows of them
}

// fitVideos scores videos by their surest windows.
type fitVideos struct {
	Videos  int       `json:"videos"`
	MAP     fitRange  `json:"map"`
	MacroF1 *fitRange `json:"macro_f1,omitempty"`
}

type fitClass struct {
	Class string    `json:"class"`
	Clips int       `json:"clips"`
	AP    *fitRange `json:"ap"` // null where no clip or every clip is of it
	AUROC *float64  `json:"auroc"`

	Said *fitSaid `json:"said,omitempty"` // at the threshold, where there is one
}

// fitSaid is what came of saying that a clip is of a class from a threshold on.
type fitSaid struct {
	Threshold float64  `json:"threshold"` // probability
	Clips     int      `json:"clips"`     // said to be of it
	Right     int      `json:"right"`
	F1        fitRange `json:"f1"`
}

func newFitMulti(s probe.MultiScore) *fitMulti {
	m := &fitMulti{Clips: s.N, MAP: fitRate{s.MAP, s.Low, s.High, string(s.Method), s.Confidence}}
	for _, c := range s.PerClass {
		one := fitClass{Class: c.Class, Clips: c.Clips}
		if c.Measured {
			one.AP, one.AUROC = &fitRange{c.AP, c.Low, c.High}, &c.AUROC
		}
		if s.Said {
			one.Said = &fitSaid{probe.Sigmoid(c.Threshold), c.Said, c.Right, newFitRange(c.F1)}
		}
		m.PerClass = append(m.PerClass, one)
	}
	if s.Said {
		macro, micro := newFitRange(s.F1), newFitRange(s.MicroF1)
		m.MacroF1, m.MicroF1 = &macro, &micro
	}
	if v := s.Video; v != nil {
		m.Videos = &fitVideos{Videos: v.N, MAP: fitRange{v.MAP, v.Low, v.High}}
		if v.Said {
			macro := newFitRange(v.F1)
			m.Videos.MacroF1 = &macro
		}
	}
	return m
}

func (m fitMulti) text(w io.Writer) {
	fmt.Fprintf(w, "mAP %.1f %% [%.1f, %.1f], on %d clips of %d classes\n", 100*m.MAP.Value, 100*m.MAP.Low, 100*m.MAP.High, m.Clips, len(m.PerClass))
	if m.MacroF1 != nil {
		fmt.Fprintf(w, "mean F1 %.1f %% [%.1f, %.1f], of all answers together %.1f %%\n", 100*m.MacroF1.Value, 100*m.MacroF1.Low, 100*m.MacroF1.High, 100*m.MicroF1.Value)
	}
	if v := m.Videos; v != nil {
		fmt.Fprintf(w, "of %d videos, each as sure as its surest window: mAP %.1f %% [%.1f, %.1f]\n", v.Videos, 100*v.MAP.Value, 100*v.MAP.Low, 100*v.MAP.High)
	}
	t := columns(w)
	for _, c := range m.PerClass {
		if c.AP == nil {
			fmt.Fprintf(t, "  %s\tnot measured: %d of %d clips are of it\n", c.Class, c.Clips, m.Clips)
		} else {
			fmt.Fprintf(t, "  %s\tAP %.1f %%\t[%.1f, %.1f]\t%d clips", c.Class, 100*c.AP.Value, 100*c.AP.Low, 100*c.AP.High, c.Clips)
			if s := c.Said; s != nil {
				fmt.Fprintf(t, "\tF1 %.1f %%\t[%.1f, %.1f]\tfrom %.0f %% on", 100*s.F1.Value, 100*s.F1.Low, 100*s.F1.High, 100*s.Threshold)
			}
			fmt.Fprintln(t)
		}
	}
	t.Flush()
	m.fitLook.text(w)
}
