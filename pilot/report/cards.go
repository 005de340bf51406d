package report

import "framepilot/pilot"

// card is the answer for one site.
type card struct {
	Site   string
	Figure string // the number, large
	Metric string
	Method string
	Lines  []string
}

func (w words) cards(headlines []Headline, comparisons []Comparison) []card {
	var out []card
	for _, h := range headlines {
		c := card{
			Site: name(h.Site), Figure: w.short(h.Best.Summary), Metric: w.title(h.Metric),
			Method: w.describe(h.Best.Label, h.Best.Prompts, h.Best.TrainSite),
		}
		if s := w.spread(h.Best.Summary); s != "" {
			c.Lines = append(c.Lines, w.say("mark.sentence", args{"Text": sentence(s)}))
		}
		if n := len(h.Best.Summary.Values); n > 1 {
			c.Lines = append(c.Lines, w.say("mark.sentence", args{"Text": w.typical(h.Best)}))
		}
		switch {
		case h.ZeroShot == nil:
		case h.Best.Method == pilot.ZeroShot:
			c.Lines = append(c.Lines, w.say("card.none_higher"))
		default:
			c.Lines = append(c.Lines, w.say("card.without", args{
				"Value": w.withSpread(h.ZeroShot.Summary), "Method": w.describe(h.ZeroShot.Label, h.ZeroShot.Prompts, ""),
			}))
		}
		if h.Paired != nil {
			c.Lines = append(c.Lines, w.paired(*h.Paired, len(h.Best.Summary.Values) > 1))
		}
		for _, x := range comparisons {
			if x.Site == h.Site && x.Key == h.Best.Typical {
				c.Lines = append(c.Lines, w.compared(x))
			}
		}
		out = append(out, c)
	}
	return out
}

// typical says what the median draw alone scored, which has an interval where
// the mean has none.
func (w words) typical(c Choice) string {
	text := w.say("card.typical", args{"Draw": c.Draw, "Value": w.figure(c.Value, c.Summary.N, c.Summary.Unit)})
	if c.Interval != (Interval{}) && !few(c.Summary.N, c.Summary.Unit) {
		text = w.noted(text, w.interval(c.Interval, c.Summary.Unit))
	}
	return text
}

func (w words) paired(p Paired, draws bool) string {
	id := "card.paired"
	if draws {
		id = "card.paired_draw"
	}
	return w.say(id, args{
		"N": p.Both + p.OnlyBest + p.OnlyZero + p.Neither, "Both": p.Both, "Best": p.OnlyBest, "Zero": p.OnlyZero, "Neither": p.Neither,
	})
}

func (w words) withSpread(s Summary) string {
	return w.noted(w.short(s), w.spread(s))
}

func (w words) caution(headlines []Headline) string {
	most := 0
	for _, h := range headlines {
		most = max(most, h.Compared)
	}
	if most < 2 {
		return ""
	}
	return w.say("card.caution", args{"N": most})
}
