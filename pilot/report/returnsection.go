package report

import (
	"strconv"

	"framepilot/pilot/roi"
)

// returnSection says what the result is worth and what that rests on.
func (w words) returnSection(c Case) section {
	s := section{ID: "return", Title: w.say("return.title")}
	r := c.Return
	if r == nil {
		if len(c.Unknown) > 0 || c.NoReturn {
			s.Blocks = append(s.Blocks, block{Text: w.moneyLines(c)[0]})
		}
		return s
	}
	currency := visible(r.Currency)
	if currency == "" {
		currency = w.say("return.currency_none")
	}
	s.Blocks = append(s.Blocks,
		block{Text: w.say("return.about", args{"Recipe": name(r.Recipe), "Site": name(r.Site), "Run": name(r.Run), "Currency": currency})},
		block{Table: w.monthTable(*r)}, block{Text: w.say("return.per1000", args{"Money": money(r.Per1000, r.Currency)})})
	if len(r.Bars) > 0 {
		s.Blocks = append(s.Blocks, block{Table: w.tornado(*r)})
	}
	s.Blocks = append(s.Blocks, block{Text: w.breakEven(*r)})
	if at := r.BreakEven; at != nil && *at >= 0 && *at <= 1 {
		s.Blocks = append(s.Blocks, block{Table: w.evenTable(*r)})
	}
	s.Blocks = append(s.Blocks, block{Table: w.assumptionTable(*r)})
	if len(r.Errors) > 0 {
		s.Blocks = append(s.Blocks, block{Table: w.errorTable(*r)})
	}
	return s
}

func (w words) monthTable(r Return) *table {
	t := &table{Caption: w.say("return.month"), Head: w.columns("month", ">worst", ">base", ">best")}
	base, high := r.Base.Lines(), r.High.Lines()
	for i, low := range r.Low.Lines() {
		t.Rows = append(t.Rows, row{Head: w.say("return." + low.Name), Strong: low.Name == "net", Cells: []cell{
			{Text: amountOf(low.Amount)}, {Text: amountOf(base[i].Amount)}, {Text: amountOf(high[i].Amount)},
		}})
	}
	line := row{Head: w.say("return.payback")}
	for _, months := range r.Payback {
		text := w.say("money.never")
		if months != nil {
			text = strconv.FormatFloat(*months, 'f', 1, 64)
		}
		line.Cells = append(line.Cells, cell{Text: text})
	}
	t.Rows = append(t.Rows, line)
	return t
}

// tornado draws the net of a month with each assumption alone at its ends, the
// widest first. The low end is hollow, the high end filled.
func (w words) tornado(r Return) *table {
	low, high := min(r.Base.Net, 0), max(r.Base.Net, 0)
	for _, b := range r.Bars {
		low, high = min(low, b.Low, b.High), max(high, b.Low, b.High)
	}
	place := func(x float64) float64 { return (x - low) / (high - low) }
	t := &table{
		Caption: w.say("return.tornado"), Head: w.columns("assumption", ">net_low", ">net_high"), Plot: w.say("return.tornado_scale"),
		Ticks: []tick{{at(0), amountOf(low)}, {at(1), amountOf(high)}},
	}
	for _, b := range r.Bars {
		label := w.known("assumption", b.Name)
		s := &strip{Title: w.say("return.tornado_row", args{"Name": label, "Low": amountOf(b.Low), "High": amountOf(b.High)})}
		s.Marks = []mark{{at(place(0)), "nought"}, {at(place(r.Base.Net)), "base"}}
		for _, end := range []struct {
			x     float64
			class string
		}{{b.Low, "low"}, {b.High, "high"}} {
			from, to := min(end.x, r.Base.Net), max(end.x, r.Base.Net)
			s.Bars = append(s.Bars, bar{at(place(from)), at((to - from) / (high - low)), end.class})
		}
		t.Rows = append(t.Rows, row{Head: label, Strip: s, Cells: []cell{{Text: amountOf(b.Low)}, {Text: amountOf(b.High)}}})
	}
	return t
}

// evenTable draws the accuracy measured beside the one that breaks even.
func (w words) evenTable(r Return) *table {
	a := r.accuracy()
	s := emptyStrip()
	s.Title = w.say("return.even_row", args{"Value": percent(a.Base), "At": percent(*r.BreakEven)})
	s.Dot, s.Low, s.High, s.Best = at(a.Base), at(a.Low), at(a.High), true
	s.Marks = []mark{{at(*r.BreakEven), "need"}}
	return &table{
		Caption: w.say("return.even"), Head: w.columns("assumption", ">now", ">break_even"), Plot: w.say("chart.scale"), Ticks: shares(),
		Rows: []row{{Head: w.say("assumption.accuracy"), Strip: s, Cells: []cell{{percent(a.Base), span(a.Low, a.High, "")}, {Text: percent(*r.BreakEven)}}}},
	}
}

func (w words) assumptionTable(r Return) *table {
	t := &table{Caption: w.say("return.assumptions"), Head: w.columns("assumption", ">low", ">base", ">high", "owner", "source")}
	for _, a := range r.Assumptions {
		show := amountOf
		if a.Name == roi.Accuracy || a.Name == roi.HandledShare {
			show = percent
		}
		line := row{Head: w.known("assumption", a.Name), Cells: []cell{{Text: show(a.Range.Low)}, {Text: show(a.Range.Base)}, {Text: show(a.Range.High)}}}
		if a.Measured {
			line.Cells = append(line.Cells, cell{Text: "–"}, cell{Text: w.say("return.measured")})
		} else {
			line.Cells = append(line.Cells, cell{name(a.Owner), day(a.At)}, cell{Text: orDash(a.Source)})
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func (w words) errorTable(r Return) *table {
	t := &table{Caption: w.say("return.errors_caption"), Head: w.columns("clips_of", "taken_for", ">clips", ">cost")}
	for _, e := range r.Errors[:min(len(r.Errors), maxConfused)] {
		cost := w.say("return.errors_same")
		if e.Cost != nil {
			cost = amountOf(*e.Cost)
		}
		t.Rows = append(t.Rows, row{Head: name(e.Truth), Cells: []cell{{Text: name(e.Predicted)}, {Text: strconv.Itoa(e.N)}, {Text: cost}}})
	}
	return t
}
