package report

// lookLines says which look at the test labels the results are: one line
// where it is the same at all sites.
func (w words) lookLines(looks []Look) []string {
	var texts []string
	sites := map[string][]string{}
	for _, l := range looks {
		text := w.look(l)
		if sites[text] == nil {
			texts = append(texts, text)
		}
		sites[text] = append(sites[text], name(l.Site))
	}
	for i, text := range texts {
		texts[i] = w.labelled(w.join(sites[text]), text)
	}
	return texts
}

// look says which look it is, and what that makes of it.
func (w words) look(l Look) string {
	id := "look.agreed"
	if l.Look > l.Agreed {
		id = "look.beyond"
	}
	return w.say(id, args{"Look": l.Look, "Agreed": l.Agreed})
}

// overlooked says where more looks were taken than agreed; empty where none.
func (w words) overlooked(looks []Look) string {
	var over []Look
	for _, l := range looks {
		if l.Look > l.Agreed {
			over = append(over, l)
		}
	}
	if len(over) == 0 {
		return ""
	}
	return w.say("mark.sentence", args{"Text": w.sentences(w.lookLines(over))})
}
