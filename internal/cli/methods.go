package cli

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/domain"
	"framepilot/fewshot"
	"framepilot/probe"
)

//go:generate sh -c "go run ../.. methods --markdown > ../../docs/methods.md"

// chapter is a kind of methods.
type chapter struct {
	Title   string         `json:"title"`
	Intro   string         `json:"intro"`
	Methods []probe.Method `json:"-"`
}

// chapters are all methods there are.
func chapters() []chapter {
	return []chapter{
		{"Probes", "What frozen embeddings tell by themselves.", probe.Methods()},
		{"Few labels", "Classifiers from a few labelled clips that lean on the texts of the classes.", fewshot.Methods()},
		{"Several classes", "For clips that may be of several classes at once, or of none. `auto`, `zero-shot`, `nearest-mean`, `logistic` and `ridge` take them too.", fewshot.MultiMethods()},
		{"A new site", "Taking a classifier to a site without labels there.", siteMethods()},
	}
}

// siteMethods are the methods for a new site, by their names and settings.
func siteMethods() []probe.Method {
	var out []probe.Method
	for _, m := range domain.Methods() {
		out = append(out, probe.Method{Name: m.Name, Summary: m.Summary, Page: m.Page, Params: m.Params})
	}
	return out
}

// methodEntry is a method in `methods --json`.
type methodEntry struct {
	Name     string        `json:"name"`
	Chapter  string        `json:"chapter"`
	Summary  string        `json:"summary"`
	Does     string        `json:"does"`
	When     string        `json:"when"`
	Cost     string        `json:"cost"`
	Source   string        `json:"source"`
	Settings []methodParam `json:"settings"`
}

type methodParam struct {
	Name    string  `json:"name"`
	Doc     string  `json:"doc"`
	Default float64 `json:"default"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

func (a *app) methodsCmd() *cobra.Command {
	var markdown bool
	c := &cobra.Command{
		Use:   "methods [NAME]",
		Short: "The methods there are: what each does, when to use it, what it costs",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if _, err := probe.FindMethod(append(adapt.Methods(), siteMethods()...), args[0]); err != nil {
					return err
				}
			}
			entries := []methodEntry{}
			for _, ch := range chapters() {
				for _, m := range ch.Methods {
					if len(args) == 0 || m.Name == args[0] {
						entries = append(entries, entryOf(ch.Title, m))
					}
				}
			}
			return a.print(entries, func(w io.Writer) {
				switch {
				case markdown:
					writeManual(w)
				case len(args) == 1:
					entries[0].text(w)
				default:
					listMethods(w)
				}
			})
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "print the whole manual, which is docs/methods.md")
	return a.jsonFlag(c)
}

func entryOf(chapter string, m probe.Method) methodEntry {
	e := methodEntry{m.Name, chapter, m.Summary, m.Page.Does, m.Page.When, m.Page.Cost, m.Page.Source, []methodParam{}}
	for _, p := range m.Params {
		e.Settings = append(e.Settings, methodParam{p.Name, p.Doc, p.Default, p.Low, p.High})
	}
	return e
}

func listMethods(w io.Writer) {
	for i, ch := range chapters() {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s. %s\n", ch.Title, ch.Intro)
		t := columns(w)
		for _, m := range ch.Methods {
			fmt.Fprintf(t, "  %s\t%s\n", m.Name, m.Summary)
		}
		t.Flush()
	}
	fmt.Fprintln(w, "\nframepilot methods NAME says more of one.")
}

func (e methodEntry) text(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n\n%s\n\nWhen: %s\nCost: %s\nSource: %s\n", e.Name, e.Summary, e.Does, e.When, e.Cost, e.Source)
	if len(e.Settings) > 0 {
		fmt.Fprintln(w, "\nSettings (--set name=value):")
	}
	t := columns(w)
	for _, p := range e.Settings {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", p.Name, p.preset(), p.Doc)
	}
	t.Flush()
}

// preset is the default as a person reads it.
func (p methodParam) preset() string {
	if p.Default != 0 && (p.Default < p.Low || p.Default > p.High) || p.Default == 0 && p.Low > 0 {
		return "chosen"
	}
	return fmt.Sprintf("%g", p.Default)
}

// writeManual writes docs/methods.md.
func writeManual(w io.Writer) {
	fmt.Fprint(w, `# Methods

Written by `+"`framepilot methods --markdown`"+` from the program itself. A plan names a method in `+"`[[method]]`"+`, `+"`framepilot fit METHOD`"+`
tries one on feature files. N is the number of labelled clips, C of classes, d the width of an embedding. Settings are chosen
on training recordings unless given, by `+"`set = { name = value }`"+` or `+"`--set name=value`"+`; no method ever sees a test clip.
[methods-benchmark.md](methods-benchmark.md) measures those for few labels, [methods-speed.md](methods-speed.md) times them at 101 classes.
`)
	for _, ch := range chapters() {
		fmt.Fprintf(w, "\n## %s\n\n%s\n", ch.Title, ch.Intro)
		for _, m := range ch.Methods {
			e := entryOf(ch.Title, m)
			fmt.Fprintf(w, "\n### %s\n\n%s.\n\n%s\n\n- **When:** %s\n- **Cost:** %s\n- **Source:** %s\n",
				e.Name, capital(e.Summary), e.Does, e.When, e.Cost, e.Source)
			if len(e.Settings) == 0 {
				continue
			}
			fmt.Fprint(w, "\n| setting | default | range | meaning |\n|---|---|---|---|\n")
			for _, p := range e.Settings {
				high := fmt.Sprintf("%g", p.High)
				if p.High >= math.MaxInt32 {
					high = "any"
				}
				fmt.Fprintf(w, "| `%s` | %s | %g to %s | %s |\n", p.Name, p.preset(), p.Low, high, strings.ReplaceAll(p.Doc, "|", "\\|"))
			}
		}
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
