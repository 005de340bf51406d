package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/internal/machine"
	"framepilot/internal/words"
	"framepilot/model"
	"framepilot/model/backend/cpu"
	"framepilot/model/backend/cuda"
	"framepilot/model/video"
)

// finding is one line of the doctor's report.
type finding struct {
	Name   string `json:"name"`
	State  string `json:"state"` // "ok", "note" (works without it) or "problem"
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`

	name, detail, fix words.Sentence
}

// found is a line of the report. state is ok where there is nothing to mend.
func found(name, state string, detail, fix words.Sentence) finding {
	return finding{name, state, detail.String(), fix.String(), words.Say(name), detail, fix}
}

var nothing words.Sentence // to mend

func (a *app) doctorCmd() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use: "doctor", Short: "What this machine can do, and how to fix what it can't", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			report := a.examine()
			return a.print(report, func(w io.Writer) {
				t := columns(w)
				for _, f := range report {
					fmt.Fprintf(t, "%s\t%s\t%s\n", f.State, f.Name, f.Detail)
					if f.Fix != "" {
						fmt.Fprintf(t, "\t\tfix: %s\n", f.Fix)
					}
				}
				t.Flush()
			})
		},
	})
}

func (a *app) examine() []finding {
	return []finding{
		found("program", "ok", words.Plain(version()), nothing),
		processor(), kernels(), memory(), graphics(), a.decoding(), models(), disk(model.Dir()),
		found("network", "ok", words.Say("never used: nothing leaves this machine"), nothing),
	}
}

func processor() finding {
	return found("processor", "ok", words.Say("%s, %d usable cores", cpu.ProcessorName(), runtime.GOMAXPROCS(0)), nothing)
}

// kernels lists the implementations of the products, the one in use first.
func kernels() finding {
	var have []string
	var lack []words.Sentence
	for _, k := range cpu.Kernels() {
		if k.Missing == "" {
			have = append(have, fmt.Sprintf("%s (%s)", k.Name, k.Precision))
		} else {
			lack = append(lack, words.Say("%s: %s", k.Name, words.Say(k.Missing)))
		}
	}
	detail := words.Plain(strings.Join(have, ", "))
	if len(lack) > 0 {
		detail = words.Say("%s; not %s", detail, words.Join(lack, ", "))
	}
	return found("kernels", "ok", detail, nothing)
}

// memory is what programs may still take.
func memory() finding {
	free, ok := machine.FreeMemory()
	if !ok {
		return found("memory", "note", words.Say("unknown on this system"), nothing)
	}
	detail := words.Say("%s available", words.Bytes(free))
	if free < 2<<30 {
		return found("memory", "problem", detail, words.Say("close other programs: B/16 needs about 2 GB"))
	}
	return found("memory", "ok", detail, nothing)
}

// graphics says whether a GPU computes, and what it lacks where there is one.
func graphics() finding {
	m := cuda.Probe(cuda.Options{})
	var parts []words.Sentence
	add := func(format, text string) {
		if text != "" {
			parts = append(parts, words.Say(format, text))
		}
	}
	add("%s", strings.Join(m.Devices, ", "))
	add("driver %s", m.Driver)
	add("cuBLASLt %s", m.Products)
	add("kernels by %s", m.Kernels)
	if m.Err == nil {
		return found("GPU", "ok", words.Join(parts, "; "), nothing)
	}
	fix := fault.Fix(m.Err)
	if cuda.IsAbsent(m.Err) { // nothing is wrong with that
		fix = nothing
	}
	return found("GPU", "note", words.Join(append(parts, words.Say("not used: %s", fault.Said(m.Err))), "; "), fix)
}

func (a *app) decoding() finding {
	path, ver, err := a.decoder.Available()
	if err != nil {
		said := fault.Said(err)
		var bad *video.Error
		if errors.As(err, &bad) {
			said = bad.Message()
		}
		return found("decoder", "problem", words.Say("%s; only GIF and folders of pictures can be read", said), fault.Fix(err))
	}
	return found("decoder", "ok", words.Say("ffmpeg %s at %s", ver, path), nothing)
}

func models() finding {
	entries, err := model.List(model.Dir())
	if err != nil {
		return found("models", "problem", fault.Said(err), nothing)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	if len(names) == 0 {
		return found("models", "note", words.Say("none imported; the small demo model is inside the program"),
			words.Say("framepilot model import CHECKPOINT.pth (TencentARC publishes the weights; check their licence with your legal team)"))
	}
	return found("models", "ok", words.Plain(strings.Join(names, ", ")), nothing)
}

// disk measures the file system that will hold dir, which may not exist yet.
func disk(dir string) finding {
	for at := dir; ; at = filepath.Dir(at) {
		if free, err := machine.FreeDisk(at); err == nil {
			detail := words.Say("%s free for models in %s", words.Bytes(free), dir)
			if free < 2e9 {
				return found("disk", "problem", detail, words.Say("free some space: B/16 takes 0.8 GB, H/14 takes 5 GB"))
			}
			return found("disk", "ok", detail, nothing)
		}
		if at == filepath.Dir(at) {
			return found("disk", "note", words.Say("unknown for %s", dir), nothing)
		}
	}
}
