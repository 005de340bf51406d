package report

import (
	"fmt"
	"strconv"

	"framepilot/pilot/roi"
)

// The return sheet computes what package roi computes, in the spreadsheet: who
// changes an assumption sees the net, the payback and the break-even change.
// The worst and the best month take each assumption at the end that is worse
// or better. Which end that is does not depend on the others but for the share
// handled and the number of clips, whose sign is the value of a clip: the
// sheet computes that value first.

// worth writes the sheet of the return.
func (b *book) worth(r Return) {
	w := b.words
	b.begin("return", w.say("return.title"), 44, 18, 18, 18, 24, 40, 18)
	b.add(b.wrap, w.noted(r.Recipe, r.Site), r.Currency)
	b.row++
	b.headRow("assumption", "low", "base", "high", "owner", "source")
	at := map[string]int{} // assumption → row
	for _, a := range r.Assumptions {
		source := a.Source
		if a.Measured {
			source = w.say("return.measured")
		}
		at[a.Name] = b.add(0, w.known("assumption", a.Name), a.Range.Low, a.Range.Base, a.Range.High, a.Owner, source)
		b.do(b.file.SetCellStyle(b.sheet, fmt.Sprintf("B%d", at[a.Name]), fmt.Sprintf("D%d", at[a.Name]), b.input))
	}
	b.row++
	perError := b.errorKinds(r, at)
	b.row++
	b.months(at, perError)
	b.row++
	b.sensitivities(r, at, perError)
}

// errorKinds lists wrong decisions with what one of each costs, and returns
// the cells of the mean cost of an error: at the low, base and high cost.
func (b *book) errorKinds(r Return, at map[string]int) [3]string {
	w := b.words
	b.add(b.head, w.say("return.errors_caption"), w.say("column.taken_for"), w.say("column.clips"), w.say("column.cost"),
		w.say("column.low"), w.say("column.base"), w.say("column.high"))
	first := b.row
	for _, e := range r.Errors {
		var own any
		if e.Cost != nil {
			own = *e.Cost
		}
		line := []any{e.Truth, e.Predicted, e.N, own}
		for _, column := range []string{"B", "C", "D"} {
			line = append(line, formula(fmt.Sprintf(`IF(D%d="",%s%d,D%d)`, b.row, column, at[roi.ErrorCost], b.row)))
		}
		row := b.add(0, line...)
		b.do(b.file.SetCellStyle(b.sheet, fmt.Sprintf("D%d", row), fmt.Sprintf("D%d", row), b.input))
	}
	last := b.row - 1
	line := []any{w.say("return.mean_error"), nil, nil, nil}
	var cells [3]string
	for i, column := range []string{"E", "F", "G"} {
		cells[i] = column + strconv.Itoa(b.row)
		f := formula(fmt.Sprintf("%s%d", []string{"B", "C", "D"}[i], at[roi.ErrorCost]))
		if last >= first {
			f = formula(fmt.Sprintf("SUMPRODUCT($C$%d:$C$%d,%s%d:%s%d)/SUM($C$%d:$C$%d)", first, last, column, first, column, last, first, last))
		}
		line = append(line, f)
	}
	b.add(b.strong, line...)
	return cells
}

// months writes worst, base and best month, payback, break-even and the cost
// of 1,000 clips.
func (b *book) months(at map[string]int, perError [3]string) {
	w := b.words
	cell := func(name, column string) string { return column + strconv.Itoa(at[name]) }
	b.add(b.head, w.say("return.month"), w.say("column.worst"), w.say("column.base"), w.say("column.best"))
	// Rows in order: value of a clip handled, share handled, value of a clip,
	// clips, then the month.
	top := b.row
	columns := []struct {
		at, good, bad string // columns: of the month, and of the end that helps where more or less does
		perError      string
	}{
		{"B", "B", "D", perError[2]}, {"C", "C", "C", perError[1]}, {"D", "D", "B", perError[0]},
	}
	rows := map[string][]any{}
	labels := []string{"value_handled", "share_used", "value_clip", "clips_used", "saved", "machine", "errors", "running", "net", "payback"}
	line := map[string]int{}
	for i, id := range labels {
		line[id] = top + i
	}
	for _, c := range columns {
		this := func(id string) string { return c.at + strconv.Itoa(line[id]) }
		chosen := func(value, name string) formula {
			return formula(fmt.Sprintf("IF(%s>=0,%s,%s)", value, cell(name, c.good), cell(name, c.bad)))
		}
		saved := fmt.Sprintf("%s/60*%s", cell(roi.MinutesPerClip, c.good), cell(roi.WagePerHour, c.good))
		wrong := fmt.Sprintf("(1-%s)*%s", cell(roi.Accuracy, c.good), c.perError)
		machine := fmt.Sprintf("%s/%s", cell(roi.MachinePerHour, c.bad), cell(roi.ClipsPerHour, c.good))
		for id, f := range map[string]formula{
			"value_handled": formula(saved + "-" + wrong),
			"share_used":    chosen(this("value_handled"), roi.HandledShare),
			"value_clip":    formula(this("share_used") + "*" + this("value_handled") + "-" + machine),
			"clips_used":    chosen(this("value_clip"), roi.ClipsPerMonth),
			"saved":         formula(this("clips_used") + "*" + this("share_used") + "*" + saved),
			"machine":       formula("-" + this("clips_used") + "*" + machine),
			"errors":        formula("-" + this("clips_used") + "*" + this("share_used") + "*" + wrong),
			"running":       formula("-" + cell(roi.RunningCost, c.bad)),
			"net":           formula(fmt.Sprintf("SUM(%s:%s)", this("saved"), this("running"))),
			"payback": formula(fmt.Sprintf("IF(AND(%[1]s=0,%[2]s>=0),0,IF(%[2]s<=0,%[3]q,%[1]s/%[2]s))",
				cell(roi.SetupCost, c.bad), this("net"), w.say("money.never"))),
		} {
			rows[id] = append(rows[id], f)
		}
	}
	for _, id := range labels {
		style := 0
		if id == "net" || id == "payback" {
			style = b.strong
		}
		b.add(style, append([]any{w.say("return." + id)}, rows[id]...)...)
	}
	b.row++
	stake := fmt.Sprintf("%s*%s*%s", cell(roi.ClipsPerMonth, "C"), cell(roi.HandledShare, "C"), perError[1])
	gain := fmt.Sprintf("(C%d-C%d)", line["net"], line["errors"]) // of a month without an error
	b.add(b.strong, w.say("column.break_even"), nil, formula(fmt.Sprintf("IF(%[1]s=0,IF(%[2]s>=0,%[3]q,%[4]q),1-%[2]s/(%[1]s))",
		stake, gain, w.say("return.always"), w.say("return.never"))))
	b.add(0, w.say("metric.cost_per_1000"), nil, formula(fmt.Sprintf("1000/%s*%s", cell(roi.ClipsPerHour, "C"), cell(roi.MachinePerHour, "C"))))
}

// sensitivities writes the net of a month with one assumption at its ends.
func (b *book) sensitivities(r Return, at map[string]int, perError [3]string) {
	w := b.words
	b.add(b.head, w.say("return.tornado"), w.say("column.net_low"), w.say("column.net_high"))
	net := func(moved, column string) formula {
		cell := func(name string) string {
			if name == moved {
				return column + strconv.Itoa(at[name])
			}
			return "C" + strconv.Itoa(at[name])
		}
		mean := perError[1]
		if moved == roi.ErrorCost {
			mean = map[string]string{"B": perError[0], "D": perError[2]}[column]
		}
		return formula(fmt.Sprintf("%[1]s*%[2]s*(%[3]s/60*%[4]s-(1-%[5]s)*%[6]s)-%[1]s/%[7]s*%[8]s-%[9]s",
			cell(roi.ClipsPerMonth), cell(roi.HandledShare), cell(roi.MinutesPerClip), cell(roi.WagePerHour), cell(roi.Accuracy), mean,
			cell(roi.ClipsPerHour), cell(roi.MachinePerHour), cell(roi.RunningCost)))
	}
	for _, bar := range r.Bars {
		b.add(0, w.known("assumption", bar.Name), net(bar.Name, "B"), net(bar.Name, "D"))
	}
}
