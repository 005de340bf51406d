package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

func (a *app) planCmd() *cobra.Command {
	c := &cobra.Command{Use: "plan", Short: "Draft a plan from folders of clips, and see what each recipe takes"}
	c.AddCommand(a.planChoicesCmd(), a.planNewCmd())
	return c
}

// draftFlags are what a draft is made of beside its recipe.
type draftFlags struct {
	adapt.Draft
	file string
}

func (f *draftFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.Name, "name", "", "the pilot's name (default: the folder's)")
	c.Flags().StringVar(&f.Question, "question", "", "what the pilot shall answer, in your words")
	c.Flags().StringVar(&f.Model, "model", "", "an imported model's name, or demo (default: the only imported one, else demo)")
	c.Flags().StringVarP(&f.file, "output", "o", "plan.toml", "the plan; paths in it are relative to its folder")
}

// fill finds the sites below the folders, and gives the rest its default.
func (f *draftFlags) fill(folders []string) error {
	from := filepath.Dir(f.file)
	if len(folders) == 0 {
		folders = []string{from}
	}
	for _, dir := range folders {
		sites, err := adapt.FindSites(dir, from)
		if err != nil {
			return err
		}
		f.Sites = append(f.Sites, sites...)
	}
	if f.Name == "" {
		abs, err := filepath.Abs(from)
		if err != nil {
			return fmt.Errorf("name the pilot: %w", err)
		}
		f.Name = filepath.Base(abs)
	}
	if f.Model == "" {
		f.Model = modelNames()[0]
	}
	return nil
}

// modelNames are the models a plan may name, the one to propose first: the
// first imported one, else the demo's.
func modelNames() []string {
	var names []string
	imported, _ := importedModels() // where they can't be listed, opening one says why
	for _, e := range imported {
		names = append(names, e.Name)
	}
	return append(names, demoModel)
}

func (a *app) planChoicesCmd() *cobra.Command {
	var f draftFlags
	c := &cobra.Command{
		Use:   "choices [FOLDER...]",
		Short: "What each recipe would take: labels, minutes, disk",
		Long: `Finds the folders that hold one folder of clips a class, and says for every recipe
how many labels it learns from, how long it takes at this machine's rates, and
which one to begin with. Nothing is written.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.fill(args); err != nil {
				return err
			}
			p := a.progress()
			choices, err := adapt.Choices(cmd.Context(), f.Draft, f.file, adapt.RunOptions{
				Open: a.openPlanned, Reader: a.decoder, Rates: ratesFile(),
				Environment: map[string]string{"framepilot": release(), "decoder": a.decoder.Version()},
			})
			p.end()
			if err != nil {
				return err
			}
			return a.print(choices, func(w io.Writer) { printChoices(w, choices) })
		},
	}
	f.add(c)
	return a.jsonFlag(c)
}

// ratesFile is what this machine remembers of its speed.
func ratesFile() string { return filepath.Join(xdg.CacheHome, "framepilot", "rates.json") }

func printChoices(w io.Writer, choices []adapt.Choice) {
	if i := slices.IndexFunc(choices, func(c adapt.Choice) bool { return len(c.Classes) > 0 }); i >= 0 {
		c := choices[i]
		fmt.Fprintf(w, "%s of %s\nsites: %s\nclasses: %s\n\n", words.Counted(c.Clips, "clip"), words.Counted(len(c.Classes), "class"),
			strings.Join(c.Sites, ", "), strings.Join(c.Classes, ", "))
	}
	t := columns(w)
	fmt.Fprintln(t, "RECIPE\tLEARNS FROM\tMEASURED ON\tTAKES\t")
	for _, c := range choices {
		if c.Why != "" {
			fmt.Fprintf(t, "%s\t-\t-\t-\t%s\n", c.Recipe, whyNot(c.Why))
			continue
		}
		advice := ""
		if c.Advised {
			advice = "begin here"
		}
		fmt.Fprintf(t, "%s\t%d labels\t%d labelled clips\t%s\t%s\n", c.Recipe, c.Learn, c.Measure, takes(c.Estimate), advice)
	}
	t.Flush()
}

// whyNot says why a recipe can't be chosen.
func whyNot(why string) words.Sentence {
	return map[string]words.Sentence{
		"one-site":          words.Say("there is one site only; it takes another one to carry the answer to"),
		"small-site":        words.Say("a new site has one clip; it takes two"),
		"no-training-clips": words.Say("a class has no clip to learn from"),
	}[why]
}

func (a *app) planNewCmd() *cobra.Command {
	var f draftFlags
	var recipe string
	var force bool
	c := &cobra.Command{
		Use:   "new [FOLDER...]",
		Short: "Draft a plan from folders of clips",
		Long: `Finds the folders that hold one folder of clips a class, below the folders named or
the plan's own, and writes a commented plan. Each of them becomes a site. Read
it before you run it: it is a draft.`,
		Example: `  framepilot plan new clips --recipe few-shot --question 'Can the model tell the events apart?'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.fill(args); err != nil {
				return err
			}
			choices, err := adapt.Choices(cmd.Context(), f.Draft, f.file, adapt.RunOptions{})
			if err != nil {
				return err
			}
			for _, choice := range choices {
				if string(choice.Recipe) == recipe || recipe == "" && choice.Advised {
					if choice.Why != "" {
						return fault.New(fault.Input, "framepilot plan choices says what can be chosen", "recipe %s: %s", choice.Recipe, whyNot(choice.Why))
					}
					return a.writePlan(f.file, choice.Plan, force)
				}
			}
			return fault.New(fault.Usage, "choose "+strings.Join(adapt.RecipeNames(), ", "), "no recipe %q", recipe)
		},
	}
	f.add(c)
	c.Flags().StringVar(&recipe, "recipe", "", strings.Join(adapt.RecipeNames(), ", ")+" (default: the one that is recommended)")
	c.Flags().BoolVar(&force, "replace", false, "write over a plan that is there; it is kept with .old at its end")
	return c
}

// writePlan writes a draft, and keeps what was there.
func (a *app) writePlan(file, text string, replace bool) error {
	old, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fault.New(fault.Missing, "", "write the plan: %w", err)
	case !replace:
		return fault.New(fault.Usage, "--replace keeps it as "+file+".old, or name another file with -o", "there is a plan %s already", file)
	default:
		if err := renameio.WriteFile(file+".old", old, 0o644); err != nil {
			return fault.New(fault.Missing, "check that the folder may be written", "keep the plan before: %w", err)
		}
	}
	if err := renameio.WriteFile(file, []byte(text), 0o644); err != nil {
		return fault.New(fault.Missing, "check that the folder may be written", "write the plan: %w", err)
	}
	a.tell(words.Say("wrote %s; look at it, then: framepilot run %s", file, shown(file)))
	return nil
}
