package adapt

import (
	"fmt"
	"slices"
	"strings"

	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

func (m Method) check(found *problems, key string, p Plan) {
	method, err := m.find()
	if err != nil {
		if m.Name == "" {
			found.add(key+".name", "missing; want %s", words.Quoted(methodNames()))
		} else {
			found.add(key+".name", "%s", words.NoSuch("method", m.Name, methodNames()))
		}
		return
	}
	m.checkSite(found, key, p)
	for _, name := range m.Prompts {
		if !m.readsWords() {
			found.add(key+".prompts", "%s learns from clips alone; prompts go with zero-shot and with methods that start from the classes' words", m.learner())
			break
		}
		p.checkPromptName(found, key+".prompts", name)
	}
	if m.learner() == ZeroShot && len(m.Shots) > 0 {
		found.add(key+".shots", "zero-shot learns from no clips; shots go with methods that do")
	}
	for i, k := range m.Shots {
		if k < 0 {
			found.add(key+".shots", "%d is negative; 0 means all training clips", k)
		} else if slices.Contains(m.Shots[:i], k) {
			found.add(key+".shots", "%d stands there twice", k)
		}
	}
	if m.Draws < 0 {
		found.add(key+".draws", "%d is negative; 0 means %d", m.Draws, defaultDraws(m.Name))
	}
	if m.Draws > maxDraws {
		found.add(key+".draws", "%d is more than %d; each draw is a fit of its own", m.Draws, maxDraws)
	}
	alone := Method{Set: m.Set}
	if _, err := method.Settings(alone.settings()); err != nil {
		found.add(key+".set", "%s", strings.TrimSuffix(err.Error()+"; "+fault.HintOf(err), "; "))
	}
	if _, twice := m.Set["C"]; twice && m.C != 0 {
		found.add(key+".C", "stands under set too")
	}
	if m.C != 0 && !hasSetting(method, "C") {
		found.add(key+".C", "%s has no such setting", m.Name)
	} else if m.C != 0 && !(m.C >= 1e-6 && m.C <= 1e6) {
		found.add(key+".C", "%v is not from 1e-6 to 1e6; 0 means chosen by cross-validation on training rows", m.C)
	}
}

// find is the method of this name, as far as a plan is concerned with it: what
// takes a classifier to a new site is fitted by a move.
func (m Method) find() (probe.Method, error) {
	if site, err := domain.FindMethod(m.Name); err == nil {
		return (&move{by: site}).method(), nil
	}
	return probe.FindMethod(Methods(), m.Name)
}

// checkSite looks at what only methods for a new site have.
func (m Method) checkSite(found *problems, key string, p Plan) {
	if !m.forSite() {
		const goesWith = "goes with methods for a new site, as coral; %s is scored at every site"
		if m.Base != "" {
			found.add(key+".base", goesWith, m.Name)
		}
		if len(m.Target) > 0 {
			found.add(key+".target", goesWith, m.Name)
		}
		return
	}
	if _, err := probe.FindMethod(Methods(), m.Base); err != nil {
		var names []string
		for _, b := range Methods() {
			names = append(names, b.Name)
		}
		found.add(key+".base", "%s", words.NoSuch("method", m.Base, names))
	}
	for i, site := range m.Target {
		if slices.Contains(m.Target[:i], site) {
			found.add(key+".target", "%q stands there twice", site)
		}
		if slices.Contains(p.Split.Train, site) {
			found.add(key+".target", "split.train names %q, and a new site is one that nothing is learned from", site)
		}
	}
}

// checkTwice refuses what would be measured twice under one name.
func (p Plan) checkTwice(found *problems) {
	same := func(a, b string) bool { // at all sites is at each of them too
		return a == b || strings.HasPrefix(a, b+" at ") || strings.HasPrefix(b, a+" at ")
	}
	for i, m := range p.Methods {
		for _, w := range m.measures() {
			for j, other := range p.Methods[:i] {
				if slices.ContainsFunc(other.measures(), func(o string) bool { return same(w, o) }) {
					found.add(fmt.Sprintf("method[%d]", i+1), "%s is in method[%d] already", w, j+1)
					break
				}
			}
		}
	}
}

// measures names everything the method is measured as.
func (m Method) measures() []string {
	name := m.Name
	if m.forSite() {
		name += " after " + m.Base
	}
	set := ""
	if given := m.settings(); len(given) > 0 {
		set = " and " + settingsText(given)
	}
	var what []string
	for _, prompts := range m.Prompts {
		if m.learner() == ZeroShot {
			what = append(what, fmt.Sprintf("%s with prompts %q%s", name, prompts, set))
		}
	}
	for _, shots := range m.Shots {
		what = append(what, fmt.Sprintf("%s with shots %d%s", name, shots, set))
	}
	if !m.forSite() {
		return what
	}
	var at []string
	for _, site := range orElseOne(m.Target) { // one: all of them
		for _, w := range what {
			at = append(at, strings.TrimSuffix(w+" at "+site, " at "))
		}
	}
	return at
}

func (p Plan) checkPromptName(found *problems, key, name string) {
	var names []string
	for _, set := range p.Prompts {
		names = append(names, set.Name)
	}
	if !slices.Contains(names, name) {
		found.add(key, "%s", words.NoSuch("prompt set", name, names))
	}
}
