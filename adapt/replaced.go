package adapt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

// tellReplaced warns where the report replaces those of other plans: two plans
// in one folder that name the same files. That a plan's own report is renewed
// is no news. A nil ledger has no other runs.
func (r *run) tellReplaced(ctx context.Context, ledger *pilot.Ledger) error {
	if ledger == nil {
		return nil
	}
	var others []pilot.Run
	files := map[string][]string{} // by run
	for _, name := range r.plan.Report.Files {
		id := madeFrom(r.plan.Resolve(name))
		if id == "" || id == r.sum.Run {
			continue
		}
		other, err := ledger.Run(ctx, id)
		if errors.Is(err, pilot.ErrNoRun) { // of another folder's ledger
			continue
		}
		if err != nil {
			return err
		}
		if other.Pilot == r.plan.Name && filepath.Base(other.PlanPath) == filepath.Base(r.plan.File) {
			continue
		}
		if files[id] == nil {
			others = append(others, other)
		}
		files[id] = append(files[id], name)
	}
	for _, other := range others {
		r.warn(live.StageReport, words.Say("%s: this report replaces that of pilot %q, plan %s; to keep both, name other files under report.files (framepilot report %s -o FILE writes that one again)",
			words.Join(words.Plains(files[other.ID]), ", "), other.Pilot, filepath.Base(other.PlanPath), other.ID))
	}
	return nil
}

// madeFrom is the run that a report was made from; "" where there is no file, or
// one that does not say: it was no report of this program.
func madeFrom(path string) string {
	format, err := report.FormatOf(path)
	if err != nil {
		return ""
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	source, err := report.SourceOf(format, file)
	if err != nil {
		return ""
	}
	return source.Run
}

// usualReport is where a plan writes its report if it does not say.
const usualReport = "report.html"

// freeReport is a name for the report of a new plan in file that no other plan
// of its folder writes to: the usual one, or one that has the plan's own name.
func freeReport(file string) string {
	beside, _ := os.ReadDir(filepath.Dir(file)) // a folder to come has no plans
	for _, e := range beside {
		if filepath.Ext(e.Name()) != ".toml" || e.Name() == filepath.Base(file) {
			continue
		}
		other, err := ReadPlan(filepath.Join(filepath.Dir(file), e.Name()))
		if err != nil {
			continue // no plan, or none that can be run as it is
		}
		for _, name := range other.Report.Files {
			if other.Resolve(name) == other.Resolve(usualReport) {
				return "report-" + strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + ".html"
			}
		}
	}
	return usualReport
}
