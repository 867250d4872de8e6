package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lb4j.benchmarks.compare.Chart.Bar;
import io.lb4j.benchmarks.compare.Chart.Group;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ChartTest {
    @Test
    void bars_ofAGroup_areAsLongAsTheirRatios() throws Exception {
        Document svg = parse(Chart.svg(
                List.of(new Group("requests-64", List.of(new Bar("haproxy", 1), new Bar("lb4j-jdk17", 0.5))))));
        assertThat(length(svg, 1)).isCloseTo(length(svg, 0) / 2, within(0.1));
        assertThat(svg.getDocumentElement().getTextContent()).contains("requests-64", "lb4j-jdk17", "0.50");
    }

    @Test
    void bar_ofAnUnknownRatio_saysSo() throws Exception {
        Document svg = parse(Chart.svg(List.of(new Group("short", List.of(new Bar("nginx", Double.NaN))))));
        assertThat(svg.getElementsByTagName("rect").getLength()).isZero();
        assertThat(svg.getDocumentElement().getTextContent()).contains("no figure");
    }

    @Test
    void bar_thatIsTooLong_endsWithinTheChartAndTellsItsFigure() throws Exception {
        Document svg = parse(Chart.svg(List.of(new Group("short", List.of(new Bar("slow", 48.02))))));
        double width = Double.parseDouble(svg.getDocumentElement().getAttribute("width"));
        assertThat(length(svg, 0)).isLessThan(width);
        assertThat(svg.getDocumentElement().getTextContent()).contains("48.02");
    }

    @Test
    void name_withMarkup_isText() throws Exception {
        Document svg = parse(Chart.svg(List.of(new Group("<a & b>", List.of()))));
        assertThat(svg.getDocumentElement().getTextContent()).contains("<a & b>");
    }

    private static double length(Document svg, int bar) {
        return Double.parseDouble(((Element) svg.getElementsByTagName("rect").item(bar)).getAttribute("width"));
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }
}
