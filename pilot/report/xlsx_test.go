package report

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"framepilot/pilot/roi"
)

// Who changes an assumption in the sheet sees what package roi computes of it.
func TestReturnSheetIsLive(t *testing.T) {
	for _, l := range both {
		d := caseDocument(t, 60, Options{Language: l})
		r := *d.Case.Return
		file, err := workbook(d)
		must(t, err)
		f, err := excelize.OpenReader(bytes.NewReader(file))
		must(t, err)
		w := words{l}
		sheet := w.say("sheet.return")
		find := func(label string, column string) string {
			t.Helper()
			for row := range 80 {
				if text, _ := f.GetCellValue(sheet, fmt.Sprintf("A%d", row+1)); text == label {
					return fmt.Sprintf("%s%d", column, row+1)
				}
			}
			t.Fatalf("no row %s", label)
			return ""
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for trial := range 40 {
			ranges := map[string]roi.Range{}
			for _, a := range r.Assumptions {
				x := a.Range
				if trial > 0 && a.Name != roi.Accuracy {
					scale := math.Exp(3 * rng.NormFloat64())
					if a.Name == roi.HandledShare {
						scale = rng.Float64()
					}
					x = roi.Range{Low: x.Low * scale, Base: x.Base * scale, High: x.High * scale}
				}
				if trial == 7 && (a.Name == roi.SetupCost || a.Name == roi.ErrorCost) {
					x = roi.Exactly(0)
				}
				ranges[a.Name] = x
				for column, v := range map[string]float64{"B": x.Low, "C": x.Base, "D": x.High} {
					must(t, f.SetCellValue(sheet, find(w.known("assumption", a.Name), column), v))
				}
			}
			want, err := roi.Compute(ranges, confusionOf(r))
			must(t, err)
			value := func(label, column string) string {
				t.Helper()
				text, err := f.CalcCellValue(sheet, find(label, column), excelize.Options{RawCellValue: true})
				must(t, err)
				return text
			}
			same := func(what, got string, want float64) {
				t.Helper()
				x, err := strconv.ParseFloat(got, 64)
				if err != nil || math.Abs(x-want) > 1e-9*max(1, math.Abs(want)) {
					t.Errorf("%s, trial %d: %s is %s in the sheet, %v by roi", l, trial, what, got, want)
				}
			}
			for i, m := range []struct {
				column string
				month  roi.Month
			}{{"B", want.Low}, {"C", want.Base}, {"D", want.High}} {
				same("net "+m.column, value(w.say("return.net"), m.column), m.month.Net)
				text := value(w.say("return.payback"), m.column)
				if want.Payback[i] == roi.Forever {
					if text != w.say("money.never") {
						t.Errorf("trial %d: payback %s, roi says never", trial, text)
					}
				} else {
					same("payback "+m.column, text, want.Payback[i])
				}
			}
			even := value(w.say("column.break_even"), "C")
			switch {
			case math.IsInf(want.BreakEven, 1):
				if even != w.say("return.never") {
					t.Errorf("trial %d: break-even %s, roi says never", trial, even)
				}
			case math.IsInf(want.BreakEven, -1):
				if even != w.say("return.always") {
					t.Errorf("trial %d: break-even %s, roi says always", trial, even)
				}
			default:
				same("break-even", even, want.BreakEven)
			}
			same("cost of 1,000", value(w.say("metric.cost_per_1000"), "C"), want.Per1000)
			if trial == 0 {
				head := find(w.say("return.tornado"), "A")
				row, _ := strconv.Atoi(head[1:])
				for i, b := range want.Bars {
					for column, net := range map[string]float64{"B": b.Low, "C": b.High} {
						text, err := f.CalcCellValue(sheet, fmt.Sprintf("%s%d", column, row+1+i), excelize.Options{RawCellValue: true})
						must(t, err)
						same("net with "+b.Name+" moved", text, net)
					}
				}
			}
		}
		must(t, f.Close())
	}
}

// confusionOf is the test behind a return.
func confusionOf(r Return) roi.Confusion {
	index := map[string]int{}
	at := func(class string) int {
		if _, ok := index[class]; !ok {
			index[class] = len(index)
		}
		return index[class]
	}
	for _, e := range r.Errors {
		at(e.Truth)
		at(e.Predicted)
	}
	n := len(index)
	c := roi.Confusion{Counts: make([][]int, n), Costs: make([][]float64, n)}
	for i := range n {
		c.Counts[i], c.Costs[i] = make([]int, n), make([]float64, n)
		for j := range n {
			c.Costs[i][j] = math.NaN()
		}
	}
	wrong := 0
	for _, e := range r.Errors {
		wrong += e.N
		c.Counts[at(e.Truth)][at(e.Predicted)] = e.N
		if e.Cost != nil {
			c.Costs[at(e.Truth)][at(e.Predicted)] = *e.Cost
		}
	}
	c.Counts[0][0] = r.Clips - wrong
	return c
}
