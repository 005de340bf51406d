package cli

import (
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
)

// finding is one line of the doctor's report.
type finding struct {
	Name   string `json:"name"`
	State  string `json:"state"` // "ok", "note" (works without it) or "problem"
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
}

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
		{Name: "program", State: "ok", Detail: version()},
		processor(), kernels(), memory(), graphics(), a.decoding(), models(), disk(model.Dir()),
		{Name: "network", State: "ok", Detail: "never used: nothing leaves this machine"},
	}
}

func processor() finding {
	return finding{Name: "processor", State: "ok", Detail: fmt.Sprintf("%s, %d usable cores", cpu.ProcessorName(), runtime.GOMAXPROCS(0))}
}

// kernels lists the implementations of the products, the one in use first.
func kernels() finding {
	var have, lack []string
	for _, k := range cpu.Kernels() {
		if k.Missing == "" {
			have = append(have, fmt.Sprintf("%s (%s)", k.Name, k.Precision))
		} else {
			lack = append(lack, fmt.Sprintf("%s: %s", k.Name, k.Missing))
		}
	}
	detail := strings.Join(have, ", ")
	if len(lack) > 0 {
		detail += "; not " + strings.Join(lack, ", ")
	}
	return finding{Name: "kernels", State: "ok", Detail: detail}
}

// memory is what programs may still take.
func memory() finding {
	f := finding{Name: "memory", State: "note", Detail: "unknown on this system"}
	free, ok := machine.FreeMemory()
	if !ok {
		return f
	}
	f.State, f.Detail = "ok", words.Bytes(free)+" available"
	if free < 2<<30 {
		f.State, f.Fix = "problem", "close other programs: B/16 needs about 2 GB"
	}
	return f
}

// graphics says whether a GPU computes, and what it lacks where there is one.
func graphics() finding {
	m := cuda.Probe(cuda.Options{})
	f := finding{Name: "GPU", State: "ok", Detail: strings.Join(m.Devices, ", ")}
	for _, part := range []struct{ name, text string }{{"driver", m.Driver}, {"cuBLASLt", m.Products}, {"kernels by", m.Kernels}} {
		if part.text != "" {
			f.Detail = strings.TrimPrefix(f.Detail+"; "+part.name+" "+part.text, "; ")
		}
	}
	if m.Err == nil {
		return f
	}
	f.State, f.Fix = "note", fault.HintOf(m.Err)
	if cuda.IsAbsent(m.Err) { // nothing is wrong with that
		f.Fix = ""
	}
	f.Detail = strings.TrimPrefix(f.Detail+"; not used: "+m.Err.Error(), "; ")
	return f
}

func (a *app) decoding() finding {
	path, ver, err := a.decoder.Available()
	if err != nil {
		return finding{Name: "decoder", State: "problem", Detail: strings.TrimSuffix(strings.TrimPrefix(err.Error(), "video: "), " (no_decoder)") + "; only GIF and folders of pictures can be read", Fix: fault.HintOf(err)}
	}
	return finding{Name: "decoder", State: "ok", Detail: fmt.Sprintf("ffmpeg %s at %s", ver, path)}
}

func models() finding {
	entries, err := model.List(model.Dir())
	if err != nil {
		return finding{Name: "models", State: "problem", Detail: err.Error()}
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	if len(names) == 0 {
		return finding{Name: "models", State: "note", Detail: "none imported; the small demo model is inside the program",
			Fix: "framepilot model import CHECKPOINT.pth (TencentARC publishes the weights; check their licence with your legal team)"}
	}
	return finding{Name: "models", State: "ok", Detail: strings.Join(names, ", ")}
}

// disk measures the file system that will hold dir, which may not exist yet.
func disk(dir string) finding {
	f := finding{Name: "disk", State: "note", Detail: "unknown for " + dir}
	for at := dir; ; at = filepath.Dir(at) {
		if free, err := machine.FreeDisk(at); err == nil {
			f.State, f.Detail = "ok", fmt.Sprintf("%s free for models in %s", words.Bytes(free), dir)
			if free < 2e9 {
				f.State, f.Fix = "problem", "free some space: B/16 takes 0.8 GB, H/14 takes 5 GB"
			}
			return f
		}
		if at == filepath.Dir(at) {
			return f
		}
	}
}
