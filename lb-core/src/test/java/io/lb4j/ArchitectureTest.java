package io.lb4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the house: who may use whom, what is exported, what nobody uses. */
class ArchitectureTest {
    /** Each package may use those before it. */
    private static final List<String> LAYERS = List.of(
            "io.lb4j.internal.util",
            "io.lb4j.preface",
            "io.lb4j.tls",
            "io.lb4j.access",
            "io.lb4j.backend",
            "io.lb4j.selection",
            "io.lb4j.health",
            "io.lb4j.discovery",
            "io.lb4j.event",
            "io.lb4j.stats",
            "io.lb4j.internal.jfr",
            "io.lb4j.internal.loop",
            "io.lb4j.internal.epoll",
            "io.lb4j.internal.relay",
            "io.lb4j.internal.tls",
            "io.lb4j.proxy",
            "io.lb4j.internal.health",
            "io.lb4j.internal.discovery",
            "io.lb4j.internal.pool",
            "io.lb4j",
            "io.lb4j.jmx",
            "io.lb4j.micrometer",
            "io.lb4j.admin");

    private static final String[] ENGINE = {
        "io.lb4j.internal.loop", "io.lb4j.internal.relay", "io.lb4j.internal.tls", "io.lb4j.proxy"
    };

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.lb4j");
    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("io.lb4j");

    @Test
    void packages_inLayers_useOnlyThoseBelow() {
        for (int i = 0; i < LAYERS.size(); i++) {
            String[] above = LAYERS.subList(i + 1, LAYERS.size()).toArray(String[]::new);
            if (above.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage(LAYERS.get(i))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(above)
                        .check(MAIN);
            }
        }
        assertThat(MAIN.stream().map(type -> type.getPackageName()).distinct())
                .containsExactlyInAnyOrderElementsOf(LAYERS);
    }

    @Test
    void packages_free_ofCycles() {
        slices().matching("io.lb4j.(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void proxy_knowsNothing_ofHealth() {
        noClasses()
                .that()
                .resideInAnyPackage(ENGINE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.lb4j.health")
                .check(MAIN);
    }

    @Test
    void module_requires_slf4jAndNothingElse() {
        assertThat(module().requires())
                .filteredOn(required -> !required.modifiers().contains(Requires.Modifier.STATIC))
                .extracting(Requires::name)
                .containsExactlyInAnyOrder("java.base", "jdk.net", "org.slf4j");
    }

    @Test
    void module_exports_noInternals() {
        assertThat(module().exports())
                .extracting(Exports::source)
                .containsExactlyInAnyOrderElementsOf(LAYERS.stream()
                        .filter(name -> !name.contains("internal"))
                        .toList());
    }

    @Test
    void library_uses_noConsoleNoOtherLoggingNoInternals() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "sun..", "jdk.internal..")
                .check(MAIN);
    }

    @Test
    void engine_opensSockets_throughItsProviderAlone() {
        noClasses()
                .that()
                .resideInAnyPackage(ENGINE)
                .should()
                .callMethod(java.nio.channels.SocketChannel.class, "open")
                .orShould()
                .callMethod(java.nio.channels.ServerSocketChannel.class, "open")
                .orShould()
                .callMethod(java.nio.channels.Selector.class, "open")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(MAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Abstract", "Manager", "Helper", "Utils", "Factory", "Impl"})
    void types_withNamesThatSayNothing_doNotExist(String word) {
        classes().should().haveSimpleNameNotContaining(word).check(MAIN);
    }

    @Test
    void engine_isPackagePrivate_butForItsPublicTypes() {
        classes()
                .that()
                .resideInAPackage("io.lb4j.proxy")
                .and()
                .areTopLevelClasses()
                .and()
                .haveNameNotMatching(
                        ".*\\.(TcpProxy|TcpProxyBuilder|TcpProxyConfig|ProxySettings|ProxyReconfiguration|Frontend|FrontendConfig|FrontendReconfiguration|EntrySettings|EntryPolicy"
                                + "|FrontendSettings|ProxyFrontendBuilder|PortRange|TimeoutPolicy|LimitPolicy|Router|Route|PlaceInLine|Waiter|DrainResult|ConnectWhen|ProxyProtocolPolicy|ProxyTlvs|RunningProxy|Transport|package-info)")
                .should()
                .notHaveModifier(JavaModifier.PUBLIC)
                .check(MAIN);
    }

    @Test
    void tests_neverSleep() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(TESTS);
    }

    private static ModuleDescriptor module() {
        String source = LoadBalancer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString();
        return ModuleFinder.of(Path.of(URI.create(source)))
                .find("io.lb4j")
                .orElseThrow()
                .descriptor();
    }
}
