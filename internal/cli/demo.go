package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/demo"
	"framepilot/internal/words"
)

// demoSeed draws the demo's clips; its plan says the same number.
const demoSeed = 20261123

func (a *app) demoCmd() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "demo",
		Short: "The whole story on generated data, offline, under a minute",
		Long: `Writes a small data set of GIF clips (parts moving on a belt, filmed by day and by
night), a commented plan, and carries it out with the small model inside the
program. Run it again and nothing is computed twice.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.tell(words.Say("writing clips and plan to %s", shown(dir)))
			if err := demo.WriteDataset(cmd.Context(), dir, demo.Options{Seed: demoSeed}); err != nil {
				return err
			}
			plan, err := demo.WritePlan(dir)
			if err != nil {
				return err
			}
			if _, err := a.runPlan(cmd.Context(), plan, adapt.RunOptions{}); err != nil {
				return err
			}
			if a.json {
				return nil
			}
			fmt.Fprintf(a.out, `
What it shows: asked in the company's own words, the model guesses; asked in words
that describe what is seen, it answers; and a few labelled clips teach it the
company's words. A new site, by night, costs some of that.

The plan is a good start for your own: %s
Open the report in a browser:          %s
`, shown(plan), shown(filepath.Join(dir, "report.html")))
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "framepilot-demo", "folder to write to")
	return a.jsonFlag(c)
}
